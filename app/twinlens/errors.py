"""The errors a user can cause or mend; any other exception is a bug. Runs on every thread."""


class AppError(Exception):
    """Something outside the program is at fault.

    Args:
        message: one sentence: what happened to which file, and what Twinlens did about it.
        hint: what the user can do next; may be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


class UsageError(AppError):
    """The arguments do not make sense together."""


class LibraryError(AppError):
    """The library folder cannot be used as it is."""


class LibraryLockedError(LibraryError):
    """Another process is the writer of this library."""


class LibraryNewerError(LibraryError):
    """The library was written by a newer version of Twinlens."""


class StoreDamagedError(LibraryError):
    """The database cannot be read; the library moves it aside and starts again."""


class DiskFullError(LibraryError):
    """There is no room left to write; what was committed before is safe."""


class IndexDamagedError(AppError):
    """An index snapshot does not match its manifest; it is rebuilt from the store."""


class ModelError(AppError):
    """A model is missing, damaged, or does not match its spec."""


class DeviceError(AppError):
    """The device that runs the network failed."""


class DeviceMemoryError(DeviceError):
    """The device ran out of memory for a batch of this size."""


class UnreadableImageError(AppError):
    """One image cannot be used.

    Args:
        code: a stable word for programs (see `records.FailureCode`).
        message: the reason, in words a person understands.
        hint: what the user can do.
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.code = code

"""Which model a library uses, which one it is on its way to, and the switch between them.

Runs on the caller's thread.
"""

import logging
from pathlib import Path

from twinlens.errors import ModelError, UsageError
from twinlens.inference.devices import CPU
from twinlens.inference.model_spec import (
    DEFAULT_MODEL,
    ModelSpec,
    find_model,
    find_models,
    find_unusable_models,
    verify_onnx,
)
from twinlens.reports import ModelInfo
from twinlens.store import decisions, embeddings
from twinlens.store.database import Connection, Database, get_meta, set_meta

log = logging.getLogger(__name__)

IN_USE = "model_name"
IN_USE_ID = "model_id"
WANTED = "model_wanted"

#: The choice among the decisions: one for the whole library, whose body is the name.
KIND, KEY = "model", "chosen"


def model_in_use(database: Database) -> ModelSpec:
    """Return the model that answers queries.

    Raises:
        ModelError: it cannot be used any more; the hint says how to go on.
    """
    name = database.meta(IN_USE) or DEFAULT_MODEL
    try:
        return find_model(name)
    except ModelError as error:
        if database.meta(IN_USE) is None:
            raise
        wanted = database.meta(WANTED)
        hint = "Put it back, or choose another one with 'twinlens models use NAME'."
        if wanted is not None:
            hint = f"Run 'twinlens index': it goes on with {wanted}."
        raise ModelError(f"{error.message} It is the model of this library.", hint) from error


def model_wanted(database: Database) -> ModelSpec | None:
    """Return the model every photo still has to be embedded with before it takes over, if any.

    Raises:
        ModelError: it cannot be used any more.
    """
    name = database.meta(WANTED)
    if name is None:
        return None
    wanted = find_model(name)
    return None if wanted.model_id == database.meta(IN_USE_ID) else wanted


def succeed_unusable(database: Database) -> ModelSpec | None:
    """Let the model the user chose take over at once where the one in use cannot be used any more.

    Returns: the model that took over, if one did.

    Raises:
        ModelError: neither can be used.
    """
    wanted = database.meta(WANTED)
    if wanted is None or _is_usable(database.meta(IN_USE) or DEFAULT_MODEL):
        return None
    spec = find_model(wanted)
    switch_model(database, spec)
    return spec


def remember_model(database: Database, spec: ModelSpec) -> None:
    """Note the model of a library that has none yet, or whose files were exported anew."""
    if database.meta(IN_USE_ID) == spec.model_id and database.meta(IN_USE) == spec.name:
        return
    with database.transaction() as connection:
        set_meta(connection, IN_USE, spec.name)
        set_meta(connection, IN_USE_ID, spec.model_id)


def want_model(database: Database, journal: Path, name: str) -> str:
    """Choose a model. Return a sentence on what happens next.

    It takes over at once where no photo would be lost to searching, and with the next run of
    indexing where the model in use cannot be used any more.

    Raises:
        ModelError: there is none of that name, or it cannot be used; the choice stays as it was.
        LibraryError: the journal of decisions cannot be written; likewise.
    """
    from twinlens.inference.session import open_session

    spec = find_model(name)
    open_session(spec, CPU)
    in_use, in_use_id = database.meta(IN_USE) or DEFAULT_MODEL, database.meta(IN_USE_ID)
    same = name == in_use or spec.model_id == in_use_id
    at_once = not same and _loses_nothing(database, spec, in_use_id)
    with database.transaction() as connection:
        decisions.decide(connection, journal, KIND, KEY, name)
        if at_once:
            _take_over(connection, spec)
        else:
            set_meta(connection, WANTED, None if same else spec.name)
    if same:
        return f"{spec.title} is in use."
    if at_once:
        return in_use_now(spec)
    if not _is_usable(in_use):
        return (
            f"{spec.title} takes the place of {in_use}, which cannot be used any more. Nothing can "
            "be found until every photo has been embedded with it."
        )
    return (
        f"{spec.title} takes over once every photo has been embedded with it; "
        f"{find_model(in_use).title} answers until then."
    )


def restore_choice(connection: Connection, read_back: list[decisions.Decision]) -> None:
    """Take up the model that decisions name and the database did not know of.

    Call it in the transaction that takes the decisions up. In a new library it is the model in
    use from the start; elsewhere it takes over once every photo is embedded with it.
    """
    chosen = [item.body for item in read_back if (item.kind, item.key) == (KIND, KEY)]
    if not chosen or chosen[-1] is None:
        return
    if get_meta(connection, IN_USE_ID) is None:
        set_meta(connection, IN_USE, chosen[-1])
    else:
        same = chosen[-1] == get_meta(connection, IN_USE)
        set_meta(connection, WANTED, None if same else chosen[-1])


def switch_model(database: Database, spec: ModelSpec) -> None:
    """Let a model take over, in one transaction."""
    with database.transaction() as connection:
        _take_over(connection, spec)


def in_use_now(spec: ModelSpec) -> str:
    """Return the sentence that says that a model has taken over."""
    return f"{spec.title} is in use from now on."


def drop_model(database: Database, name: str) -> int:
    """Delete the descriptors of a model that is not in use; return how many there were.

    Raises:
        UsageError: it is in use or on its way to be, or the library holds nothing of it.
    """
    in_use = database.meta(IN_USE_ID)
    with database.transaction() as connection:
        rows = embeddings.models_named(connection, name)
        if not rows:
            raise UsageError(f"The library holds no descriptors of a model named {name}.")
        droppable = [key for key, model_id in rows if model_id != in_use]
        if not droppable or database.meta(WANTED) == name:
            raise UsageError(f"The model {name} is in use; its descriptors were kept.")
        return sum(embeddings.drop_model(connection, key) for key in droppable)


def list_models(database: Database) -> list[ModelInfo]:
    """Return the models there are, which one is in use, and why one cannot be used.

    Of one that cannot be used `dim` is 0 and nothing but its name may be known.
    """
    in_use = database.meta(IN_USE) or DEFAULT_MODEL
    wanted = database.meta(WANTED)
    listed = []
    for spec in find_models():
        note = ""
        if spec.name == wanted and spec.name != in_use:
            note = "takes over once every photo has been embedded with it"
        try:
            verify_onnx(spec)
        except ModelError as error:
            note = _unusable(error)
        mine = spec.name == in_use
        listed.append(
            ModelInfo(spec.name, spec.model_id, spec.dim, mine, spec.licence, note, spec.title)
        )
    for name, problem in find_unusable_models().items():
        listed.append(_unusable_model(database, name, problem))
    if not listed:
        raise ModelError(
            "No model was found.",
            "Run 'make models', or set TWINLENS_MODELS to a folder of models.",
        )
    if database.meta(IN_USE) is not None and in_use not in {item.name for item in listed}:
        missing = ModelError("it is not in any of the folders for models")
        listed.append(_unusable_model(database, in_use, missing))
    return listed


def _unusable_model(database: Database, name: str, error: ModelError) -> ModelInfo:
    mine = name == database.meta(IN_USE)
    model_id = database.meta(IN_USE_ID) if mine else None
    return ModelInfo(name, model_id or "", 0, mine, "unknown", _unusable(error))


def _unusable(error: ModelError) -> str:
    return f"cannot be used: {error.message.rstrip('.')}"


def _is_usable(name: str) -> bool:
    """Return whether a model is there, and its network the one that belongs to it."""
    try:
        verify_onnx(find_model(name))
    except ModelError as error:
        log.warning("%s", error)
        return False
    return True


def _take_over(connection: Connection, spec: ModelSpec) -> None:
    embeddings.put_model(connection, spec.model_id, spec.name, spec.dim)
    set_meta(connection, IN_USE, spec.name)
    set_meta(connection, IN_USE_ID, spec.model_id)
    set_meta(connection, WANTED, None)


def _loses_nothing(database: Database, spec: ModelSpec, in_use_id: str | None) -> bool:
    """Return whether every photo that can be found now can be found with another model."""
    connection = database.connection()
    key = embeddings.model_key(connection, spec.model_id)
    complete = key is not None and not embeddings.missing_ids(connection, key)
    return complete or not _has_descriptors(database, in_use_id)


def _has_descriptors(database: Database, model_id: str | None) -> bool:
    """Return whether some photo can be found with a model."""
    connection = database.connection()
    key = None if model_id is None else embeddings.model_key(connection, model_id)
    return key is not None and embeddings.live_ids(connection, key).size > 0

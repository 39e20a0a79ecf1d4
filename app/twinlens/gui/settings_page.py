"""The page of choices; each takes effect at once. Runs on the GUI thread."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QLocale, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from twinlens.gui import theme
from twinlens.gui.choices import Choice, ChoiceList, Section, Switch, consequence_label
from twinlens.gui.folder_rows import FolderRows
from twinlens.gui.measure_panels import JudgedPanel, RecallPanel
from twinlens.gui.translations import languages
from twinlens.records import Folder
from twinlens.reports import ModelInfo
from twinlens.settings import Settings

WIDTH_STEPS = 180
#: Parts of the cores that indexing may use, as kept in the settings.
FULL, HALF, LITTLE = 1.0, 0.5, 0.0


KNOWN = {"auto", "cpu"}
#: Names of devices as their makers write them; they are not translated.
DEVICE_NAMES = {
    "cuda": "NVIDIA CUDA",
    "migraphx": "AMD MIGraphX",
    "rocm": "AMD ROCm",
    "directml": "DirectML",
    "coreml": "Core ML",
    "tensorrt": "NVIDIA TensorRT",
    "openvino": "Intel OpenVINO",
}


class SettingsPage(QScrollArea):
    """Sections of choices.

    Signals:
        changed(object): the settings (Settings) as they are to be from now on.
        model_chosen(str): this model is to be used.
        start_with_system(bool): Twinlens is to start with the system, or not any more.
        add_folder(): a folder is to be added.
        forget, rescan, excludes (object): what to do with a folder (Path).
    """

    changed = Signal(object)
    model_chosen = Signal(str)
    start_with_system = Signal(bool)
    add_folder = Signal()
    forget = Signal(object)
    rescan = Signal(object)
    excludes = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = Settings()
        self._devices: tuple[str, ...] = ()
        self.setWidgetResizable(True)
        self.setAccessibleName(self.tr("Settings"))
        self._folders = FolderRows()
        self._folders.add_folder.connect(self.add_folder)
        self._folders.forget.connect(self.forget)
        self._folders.rescan.connect(self.rescan)
        self._folders.excludes.connect(self.excludes)
        self._models = ChoiceList(self.tr("Model"))
        self._models.chosen.connect(self.model_chosen)
        self._device = ChoiceList(self.tr("Device"))
        self._device.chosen.connect(lambda value: self._change(device=value))
        self._share = self._share_choices()
        self._tray = self._tray_switch()
        self._start = Switch(
            self.tr("Start with the system"),
            self.tr(
                "Twinlens starts in the tray when you log in, so that new photos are searchable "
                "by the time you need them."
            ),
        )
        self._start.switched.connect(self.start_with_system)
        self.judged = JudgedPanel()
        self.recall = RecallPanel()
        self._theme = self._theme_choices()
        self._language = QComboBox()
        self._fill_languages()
        self._lay_out()

    def set_settings(self, settings: Settings, *, starts_with_system: bool) -> None:
        """Show the choices that hold."""
        self._settings = settings
        self._show_devices()
        self._share.set_value(str(settings.cpu_share))
        self._tray.set_on(settings.stay_in_tray)
        self._start.set_on(starts_with_system)
        self._theme.set_value(settings.theme)
        self._language.setCurrentIndex(max(0, self._language.findData(settings.language)))

    def set_folders(self, folders: list[Folder], *, writable: bool) -> None:
        """Show the folders; `writable` offers to change them and the choices of the engine."""
        self._folders.set_folders(folders, writable=writable)
        for part in (self._models, self._device, self._share, self.judged):
            part.setEnabled(writable)

    def set_devices(self, devices: Sequence[str]) -> None:
        """Offer the devices that this computer has."""
        self._devices = tuple(devices)
        self._show_devices()

    def set_models(self, models: list[ModelInfo]) -> None:
        """Offer models."""
        self._models.set_choices([self._model_choice(model) for model in models])
        for model in models:
            if model.in_use:
                self._models.set_value(model.name)

    def set_tray_available(self, available: bool) -> None:
        """Offer the tray only where the desktop has one."""
        self._tray.setVisible(available)

    def _change(self, **facts: object) -> None:
        self._settings = replace(self._settings, **facts)  # type: ignore[arg-type]
        self.changed.emit(self._settings)

    def _model_choice(self, model: ModelInfo) -> Choice:
        if model.note:
            consequence = self.tr("It {0}.").format(model.note)
        elif model.in_use:
            consequence = self.tr("In use. Licence: {0}.").format(model.licence)
        else:
            consequence = self.tr(
                "Every photo is read once more with it; until that is done the model in use "
                "keeps answering. Licence: {0}."
            ).format(model.licence)
        return Choice(model.name, model.title or model.name, consequence)

    def _show_devices(self) -> None:
        others = [name for name in (*self._devices, self._settings.device) if name not in KNOWN]
        choices = [
            Choice(
                "auto",
                self.tr("Automatic"),
                self.tr("Uses the graphics card where it works, and the processor otherwise."),
            ),
            *(
                Choice(
                    name,
                    DEVICE_NAMES.get(name, name),
                    self.tr("Falls back to the processor, and says so, where it does not work."),
                )
                for name in dict.fromkeys(others)
            ),
            Choice(
                "cpu",
                self.tr("Processor"),
                self.tr("Leaves the graphics card to other programs; reading photos is slower."),
            ),
        ]
        self._device.set_choices(choices)
        self._device.set_value(self._settings.device)

    def _share_choices(self) -> ChoiceList:
        choices = ChoiceList(self.tr("Processor share"))
        choices.set_choices(
            [
                Choice(
                    str(FULL),
                    self.tr("All but one core"),
                    self.tr("New photos are searchable soonest; one core stays free for you."),
                ),
                Choice(
                    str(HALF),
                    self.tr("Half of the cores"),
                    self.tr("Indexing takes up to twice as long; the fan stays quieter."),
                ),
                Choice(
                    str(LITTLE),
                    self.tr("One core"),
                    self.tr("Indexing goes on slowly in the background and saves the battery."),
                ),
            ]
        )
        choices.chosen.connect(lambda value: self._change(cpu_share=float(value)))
        return choices

    def _theme_choices(self) -> ChoiceList:
        choices = ChoiceList(self.tr("Theme"))
        choices.set_choices(
            [
                Choice(
                    "system",
                    self.tr("Like the system"),
                    self.tr("Turns light and dark together with your other programs."),
                ),
                Choice("light", self.tr("Light"), self.tr("Stays light, for bright rooms.")),
                Choice("dark", self.tr("Dark"), self.tr("Stays dark; photos stand out more.")),
            ]
        )
        choices.chosen.connect(lambda value: self._change(theme=value))
        return choices

    def _tray_switch(self) -> Switch:
        switch = Switch(
            self.tr("Go on watching when the window is closed"),
            self.tr(
                "Twinlens stays in the tray and keeps new photos searchable; quit it from there "
                "or with Ctrl+Q."
            ),
        )
        switch.switched.connect(lambda on: self._change(stay_in_tray=on))
        return switch

    def _fill_languages(self) -> None:
        self._language.setAccessibleName(self.tr("Language"))
        self._language.addItem(self.tr("Like the system"), "system")
        for code in languages():
            name = QLocale(code).nativeLanguageName()
            self._language.addItem(name[:1].upper() + name[1:], code)
        self._language.activated.connect(
            lambda row: self._change(language=self._language.itemData(row))
        )

    def _lay_out(self) -> None:
        page = QWidget()
        # Stretches at both sides instead of an alignment, so that wrapped texts get their height.
        outer = QHBoxLayout(page)
        outer.addStretch(1)
        outer.setContentsMargins(theme.space(6), theme.space(4), theme.space(6), theme.space(6))
        body = QWidget()
        body.setMaximumWidth(theme.space(WIDTH_STEPS))
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(4))
        title = QLabel(self.tr("Settings"))
        theme.set_kind(title, "title")
        column.addWidget(title)
        language = consequence_label(
            self.tr("The window is shown in this language at once. English is used for the rest.")
        )
        language.setIndent(0)
        for heading, parts in (
            (self.tr("Folders"), [self._folders]),
            (self.tr("Model"), [self._models]),
            (self.tr("Device"), [self._device]),
            (self.tr("Processor share for indexing"), [self._share]),
            (self.tr("What counts as the same thing"), [self.judged]),
            (self.tr("How much a search finds"), [self.recall]),
            (self.tr("In the background"), [self._start, self._tray]),
            (self.tr("Theme"), [self._theme]),
            (self.tr("Language"), [self._language, language]),
        ):
            section = Section(heading)
            for part in parts:
                section.add(part)
            column.addWidget(section)
        column.addStretch(1)
        outer.addWidget(body, 20)
        outer.addStretch(1)
        self.setWidget(page)

"""Which model a library uses, which one it is on its way to, and the switch between them.

Runs on the caller's thread.
"""

import logging

from twinlens.errors import ModelError, UsageError
from twinlens.inference.model_spec import DEFAULT_MODEL, ModelSpec, find_model, find_models
from twinlens.records import ModelInfo
from twinlens.store import embeddings
from twinlens.store.database import Database, set_meta

log = logging.getLogger(__name__)

IN_USE = "model_name"
IN_USE_ID = "model_id"
WANTED = "model_wanted"


def model_in_use(database: Database) -> ModelSpec:
    """Return the model that answers queries.

    Raises:
        ModelError: the library was embedded with a model that is not here in that form any more.
    """
    name = database.meta(IN_USE) or DEFAULT_MODEL
    return find_model(name)


def model_wanted(database: Database) -> ModelSpec | None:
    """Return the model every photo still has to be embedded with before it takes over, if any."""
    name = database.meta(WANTED)
    in_use = model_in_use(database)
    if name is not None:
        wanted = find_model(name)
        return None if wanted.model_id == in_use.model_id else wanted
    return None


def remember_model(database: Database, spec: ModelSpec) -> None:
    """Note the model of a library that has none yet, or whose files were exported anew."""
    if database.meta(IN_USE_ID) == spec.model_id and database.meta(IN_USE) == spec.name:
        return
    with database.transaction() as connection:
        set_meta(connection, IN_USE, spec.name)
        set_meta(connection, IN_USE_ID, spec.model_id)


def want_model(database: Database, name: str) -> str:
    """Choose a model; an empty library switches at once. Return a sentence on what happens next."""
    spec = find_model(name)
    connection = database.connection()
    in_use = model_in_use(database)
    if spec.model_id == in_use.model_id:
        with database.transaction() as writing:
            set_meta(writing, WANTED, None)
        return f"{name} is in use."
    key = embeddings.model_key(connection, spec.model_id)
    complete = key is not None and not embeddings.missing_ids(connection, key)
    if complete or embeddings.live_ids(connection, _key(database, in_use)).size == 0:
        switch_model(database, spec)
        return f"{name} is in use from now on."
    with database.transaction() as writing:
        set_meta(writing, WANTED, spec.name)
    return (
        f"{name} takes over once every photo has been embedded with it; {in_use.name} answers "
        "until then. Run 'twinlens index' to embed them now."
    )


def switch_model(database: Database, spec: ModelSpec) -> None:
    """Let a model take over, in one transaction."""
    with database.transaction() as connection:
        embeddings.put_model(connection, spec.model_id, spec.name, spec.dim)
        set_meta(connection, IN_USE, spec.name)
        set_meta(connection, IN_USE_ID, spec.model_id)
        set_meta(connection, WANTED, None)


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
    """Return every model that can be used, and which one is."""
    in_use = database.meta(IN_USE) or DEFAULT_MODEL
    wanted = database.meta(WANTED)
    listed = []
    for spec in find_models():
        note = ""
        if spec.name == wanted and spec.name != in_use:
            note = "takes over once every photo has been embedded with it"
        listed.append(
            ModelInfo(
                spec.name,
                spec.model_id,
                spec.dim,
                spec.name == in_use,
                spec.licence,
                note,
                spec.title,
            )
        )
    if not listed:
        raise ModelError(
            "No model was found.",
            "Run 'make models', or set TWINLENS_MODELS to a folder of models.",
        )
    return listed


def _key(database: Database, spec: ModelSpec) -> int:
    found = embeddings.model_key(database.connection(), spec.model_id)
    return -1 if found is None else found

#!/usr/bin/env bash
# Renews the lock files: versions and hashes for all platforms and Python versions, no addresses.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=.venv/bin/uv
[ -x "$uv" ] || .venv/bin/python -m pip install --quiet uv
locks=packaging/locks
compile() { # NAME, then what to resolve
    name=$1
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --no-annotate --no-emit-index-url --no-emit-find-links --upgrade \
        --output-file "$locks/$name.txt" "$@"
}
compile run pyproject.toml
compile test --extra test --constraint "$locks/run.txt" pyproject.toml
# What builds Twinlens and its models, and what builds hnswlib, which comes as source only.
.venv/bin/python - <<'PYTHON' | compile build --constraint "$locks/test.txt" -
import tomllib
with open("pyproject.toml", "rb") as file:
    print("\n".join(tomllib.load(file)["build-system"]["requires"]))
print("editables\npybind11\nsetuptools\nwheel")
PYTHON

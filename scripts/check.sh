#!/usr/bin/env bash
# The gate: everything that must hold before a change is merged, the quick things first. Stops at the first failure and
# says how long each phase took. CI runs this and nothing else.
#
#   scripts/check.sh
#
# Needs Rust with rustfmt and clippy, and what scripts/native needs. Off Linux x86-64, shellcheck and cargo-deny have to
# be installed by hand.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Snapshots are compared, and never written.
export INSTA_UPDATE=no

names=() times=() current=
phase() {
    current=$1
    local start=$SECONDS
    printf '\n== %s\n' "$current"
    "${@:2}"
    names+=("$current") times+=($((SECONDS - start)))
}

report() {
    local status=$?
    printf '\n'
    for i in "${!names[@]}"; do printf '%5d s  %s\n' "${times[i]}" "${names[i]}"; done
    printf '%5d s  in all\n' "$SECONDS"
    [[ $status == 0 ]] || printf 'scripts/check.sh: failed in “%s”\n' "$current" >&2
}
trap report EXIT

tools() {
    if [[ $(uname -sm) == "Linux x86_64" ]]; then
        scripts/native tools
        PATH=$PWD/native/tools:$PATH
    fi
    local tool
    for tool in shellcheck cargo-deny; do
        command -v $tool >/dev/null || { echo "$tool is missing; install it" >&2 && return 1; }
    done
}

shell_scripts() {
    grep -rlE '^#!.*\b(ba)?sh$' scripts .ci | xargs shellcheck
}

# Advisories stand in a database that is fetched with git; a machine without the network outside its package
# registries cannot do that. Licences, bans and sources need nothing but the lock file and the crates.
advisories() {
    if timeout 120 cargo deny --locked fetch db 2>/dev/null; then
        cargo deny --locked --offline check advisories
    else
        echo "Skipped: the advisory database cannot be reached from here."
    fi
}

phase "tools" tools
phase "format" cargo fmt --check
phase "shell scripts" shell_scripts
phase "licences, bans, sources" cargo deny --locked check licenses bans sources
phase "advisories" advisories
phase "clippy, no features" cargo clippy --locked --all-targets --no-default-features -- -D warnings
phase "clippy, onnx alone" cargo clippy --locked --all-targets --no-default-features --features onnx -- -D warnings
phase "native libraries" scripts/native
phase "clippy, all features" cargo clippy --locked --all-targets --all-features -- -D warnings
phase "tests" scripts/test
phase "documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items --all-features

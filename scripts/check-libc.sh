#!/usr/bin/env bash
# Fails when an addon needs another C library than its target says: glibc above 2.17, any glibc under musl, or the
# Visual C++ runtime, which Windows does not bring.
#
#   scripts/check-libc.sh x86_64-unknown-linux-gnu file.node
set -euo pipefail
target=$1
file=$2
case $target in
  *-linux-*)
    newest=$(readelf --version-info "$file" | { grep -o 'GLIBC_[0-9.]*' || true; } | sort -Vu | tail -n 1)
    echo "$file needs ${newest:-no glibc}"
    ;;
  *-msvc)
    # The names of the libraries that a binary needs stand in it as plain text.
    runtime=$(grep -aoiE '(vcruntime|msvcp|ucrtbase|api-ms-win-crt)[a-z0-9_-]*\.dll' "$file" | sort -fu || true)
    echo "$file needs ${runtime:-no C runtime of its own}"
    ;;
esac
case $target in
  *-gnu) [[ -n $newest && $(printf '%s\n' "$newest" GLIBC_2.17 | sort -V | tail -n 1) == GLIBC_2.17 ]] ;;
  *-musl) [[ -z $newest ]] ;;
  *-msvc) [[ -z $runtime ]] ;;
  *) exit 2 ;;
esac

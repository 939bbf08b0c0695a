#!/usr/bin/env bash
# Fails when a Linux addon needs another C library than its target says: glibc above 2.17, or any glibc under musl.
#
#   scripts/check-libc.sh x86_64-unknown-linux-gnu file.node
set -euo pipefail
target=$1
file=$2
newest=$(readelf --version-info "$file" | { grep -o 'GLIBC_[0-9.]*' || true; } | sort -Vu | tail -n 1)
echo "$file needs ${newest:-no glibc}"
case $target in
  *-gnu) [[ -n $newest && $(printf '%s\n' "$newest" GLIBC_2.17 | sort -V | tail -n 1) == GLIBC_2.17 ]] ;;
  *-musl) [[ -z $newest ]] ;;
  *) exit 2 ;;
esac

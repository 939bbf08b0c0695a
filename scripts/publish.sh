#!/usr/bin/env bash
# Publishes npm/*, then the library itself; packages that the registry already has in this version are left alone, so
# that a release that broke off can be run again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
version=$(node -p 'require("./package.json").version')
tag=latest
[[ $version == *-* ]] && tag=next
for folder in npm/* .; do
  name=$(node -p 'require(process.argv[1]).name' "./$folder/package.json")
  if npm view "$name@$version" version >/dev/null 2>&1; then
    echo "$name@$version is already published"
    continue
  fi
  npm publish "./$folder" --ignore-scripts --provenance --access public --tag "$tag"
done

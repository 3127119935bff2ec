#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests the launcher from outside: bash cli/src/test/sh/launcher-test.sh
set -uo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../../.." && pwd -P)
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
passed=0
failed=0

check() { # what, wanted, got
  if [ "$2" = "$3" ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"
  fi
}

contains() { case $2 in *"$1"*) echo yes ;; *) echo no ;; esac; }

"$root/memremap" --version >/dev/null 2>&1 # builds if it must

check "it says its version" "memremap 0.1.0" "$("$root/memremap" --version)"
check "a second start builds nothing" "" "$("$root/memremap" --version 2>&1 >/dev/null)"

"$root/memremap" run "$work/none.scenario" >/dev/null 2>&1
check "the command's exit status is passed on" 2 $?

ln -s "$root/memremap" "$work/through a link"
check "it starts through a symbolic link, from another folder" "memremap 0.1.0" \
  "$(cd -- "$work" && "./through a link" --version)"

cp -r -- "$root/examples/machines" "$work/machines"
cp -- "$root/examples/first-map.scenario" "$work/my map.scenario"
check "a relative path is relative to the caller's folder" "6: ok" \
  "$(cd -- "$work" && "$root/memremap" run "my map.scenario" | head -1)"

# a copy without a JDK to find: an empty folder in place of each usual one
sed -e "s#/usr/lib/jvm/\*#$work/none/*#; s#/opt/\*#$work/none/*#" "$root/memremap" >"$work/bare"
/bin/mkdir -p "$work/bin"
for tool in dirname readlink bash; do ln -s "$(command -v $tool)" "$work/bin/$tool"; done
bare=$(env -i HOME="$work" PATH="$work/bin" bash "$work/bare" --version 2>&1)
check "without a JDK it fails with 2" 2 $?
check "and says in one line where it looked" 1 "$(printf '%s\n' "$bare" | wc -l | tr -d ' ')"
check "and how to install one" yes "$(contains "apt-get install openjdk-25-jdk-headless" "$bare")"

# what changes the build, in a copy that only pretends to build
tree=$work/tree
/bin/mkdir -p "$tree"/{core,linux,scenario,conformance,benchmarks,cli}/src/main "$tree"/conformance/kernel-module "$tree/bin"
cp -- "$root/memremap" "$tree/memremap"
touch "$tree"/pom.xml "$tree"/{core,linux,scenario,conformance,benchmarks,cli}/pom.xml "$tree/core/src/main/A.java"
printf '#!/bin/sh\nmkdir -p cli/target/lib && cp "%s"/cli/target/launcher/lib/memremap-cli-*.jar cli/target/ && cp "%s"/cli/target/launcher/lib/*.jar cli/target/lib/ && rm cli/target/lib/memremap-cli-*\n' "$root" "$root" >"$tree/bin/mvn"
chmod +x "$tree/bin/mvn"
start() { PATH="$tree/bin:$PATH" "$tree/memremap" --version 2>&1 >/dev/null; }
check "the first start builds" yes "$(contains "building (first run)" "$(start)")"
check "the next does not" "" "$(start)"
sleep 0.01
echo changed >"$tree/core/src/main/A.java"
check "a changed source builds" yes "$(contains "building (sources changed)" "$(start)")"
check "and then not again" "" "$(start)"
rm "$tree/core/src/main/A.java"
check "a removed source builds" yes "$(contains "building (sources changed)" "$(start)")"

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]

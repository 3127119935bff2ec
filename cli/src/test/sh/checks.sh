# SPDX-License-Identifier: Apache-2.0
# What tests of scripts share: launcher-test.sh, and those of release/test. Sourced.
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

contains() { case $2 in *"$1"*) echo yes ;; *) printf 'no, but: %.300s\n' "$2" ;; esac; }

# Ends a test: prints how many checks passed and failed.
sum_up() {
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" = 0 ]
}

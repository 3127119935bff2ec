# SPDX-License-Identifier: Apache-2.0
# What the scripts of this folder share with the launcher: they take it from its text, so that it is written once.
# Sourced with root and name set.

say() { printf '%s: %s\n' "$name" "$1" >&2; }

# Prints a function or an array of a script of ours, from the line that begins it to the line that ends it.
definition() { # file, how its first line begins, the pattern of its last line
  local text
  text=$(sed -n "\|^$2|,/$3/p" "$root/$1")
  if [ -z "$text" ]; then
    say "'$2' is not in $1 any more; what shares it has to follow."
    exit 2
  fi
  printf '%s\n' "$text"
}

wanted=25
eval "$(definition cli/src/launcher/sh/launch.sh 'is_wanted() {' '^}')"
eval "$(definition cli/src/launcher/sh/launch.sh 'find_jdk() {' '^}')"
eval "$(definition cli/src/launcher/sh/launch.sh 'run_jdk() {' '^}')"

# Sets jdk, or ends with a sentence.
need_jdk() {
  find_jdk || {
    say "no JDK $wanted or later was found; set JAVA_HOME to one."
    exit 2
  }
}

need() { # programs
  local each missing=()
  for each in "$@"; do command -v "$each" >/dev/null || missing+=("$each"); done
  [ "${#missing[@]}" = 0 ] || {
    say "not on the PATH: ${missing[*]}."
    exit 2
  }
}

# Prints what a property of the root pom says.
property() { sed -n "s|^ *<$1>\(.*\)</$1>$|\1|p" "$root/pom.xml"; }

# Prints the commit as the build does.
commit() { git -C "$root" describe --always --dirty --abbrev=7 --exclude='*' 2>/dev/null || echo "unknown commit"; }

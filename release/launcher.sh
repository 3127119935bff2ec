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

fail() {
  say "$1"
  exit 2
}

# Sets jdk, or ends with a sentence.
need_jdk() { # the programs that it has to have
  find_jdk "$@" || fail "no JDK $wanted or later with $(IFS=, && echo "$*" | sed 's/,/, /g') was found; a runtime is not enough. Set JAVA_HOME to a JDK."
}

# Ends where nothing can be built: each would fail later, and say less.
need_root() {
  case $root in
    *:*) fail "'$root' has a ':', at which Java splits paths; work in a folder without one." ;;
  esac
  mkdir -p -- "$root"/{,cli/}target 2>/dev/null && [ -w "$root/target" ] && [ -w "$root/cli/target" ] ||
    fail "'$root' belongs to another user, and nothing can be written to its folders target; work in a clone of your own: git clone '$root'"
}

# Says it where git knows no commit, and why: what is built will call it unknown.
warn_of_commit() {
  local said
  [ "$(commit)" != "unknown commit" ] || {
    said=$(git -C "$root" rev-parse --show-prefix 2>&1) && said="the repository around it is another one"
    say "the commit is not known, and is named nowhere in what is built: ${said%%$'\n'*}."
  }
}

need() { # programs
  local each missing=()
  for each in "$@"; do command -v "$each" >/dev/null || missing+=("$each"); done
  [ "${#missing[@]}" = 0 ] || fail "not on the PATH: ${missing[*]}."
}

# What was made takes the place of what lay there, by two renames.
put_in_place() { # what was made, the place
  rm -rf -- "$2.old"
  [ ! -e "$2" ] || mv -T -- "$2" "$2.old"
  mv -T -- "$1" "$2"
  rm -rf -- "$2.old"
}

# Removes what a run has made so far when it ends before its end.
clean_at_end() { # what it makes
  made=$1
  trap 'rm -rf -- "$made"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  rm -rf -- "$made"
}

# Prints what a property of the root pom says.
property() { sed -n "s|^ *<$1>\(.*\)</$1>$|\1|p" "$root/pom.xml"; }

# Prints the commit as the build does: of this tree, and not of a repository that it merely lies in.
commit() {
  local prefix
  { prefix=$(git -C "$root" rev-parse --show-prefix) && [ -z "$prefix" ] &&
    git -C "$root" describe --always --dirty --abbrev=7 --exclude='*'; } 2>/dev/null || echo "unknown commit"
}

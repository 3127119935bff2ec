# SPDX-License-Identifier: Apache-2.0
# Starts a command of ours: finds a JDK, builds what changed, and runs it. The scripts memremap and
# memremap-dev source this once they have set root, name, main, modules, stores, options and rehearsal.

# What a warm start does needs one other program, find, and without JAVA_HOME readlink: on some computers,
# starting one costs a fiftieth of what the command takes, and a dozen were needed. So variables are set where
# a command substitution would read better.

# Bash would put the width of standard error's terminal in place of the COLUMNS that the user gave.
shopt -u checkwinsize

module=${modules[-1]}
home=$root/$module/target/launcher
log=$root/$module/target/launcher-build.log
# a folder that no other Maven writes: two that build in one would take each other's classes away, and leave
# jars that lack some
folder=target/launcher-build
tools=$root/cli/src/launcher/java
wanted=25

say() { printf '%s: %s\n' "$name" "$1" >&2; }

# Whether a JDK lies there that is new enough, by its release file, and has these programs: a runtime has no
# javac. Starting java to ask would cost more than the command.
is_wanted() { # folder, programs
  local line major program
  for program in "${@:2}"; do [ -x "$1/bin/$program" ] || return 1; done
  [ -r "$1/release" ] || return 1
  while IFS= read -r line; do
    case $line in
      JAVA_VERSION=*)
        line=${line#JAVA_VERSION=\"}
        major=${line%%[.\"+-]*}
        case $major in *[!0-9]* | '') return 1 ;; esac
        [ "$major" -ge "$wanted" ]
        return
        ;;
    esac
  done <"$1/release"
  return 1
}

# Sets jdk.
find_jdk() { # the programs that it has to have
  local candidate java
  jdk=${JAVA_HOME:-}
  if ! is_wanted "$jdk" "$@"; then
    java=$(readlink -f -- "$(command -v java)") || java=
    for candidate in "${java%/*/*}" /usr/lib/jvm/* /opt/* \
      "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* \
      /Library/Java/JavaVirtualMachines/*/Contents/Home; do
      jdk=$candidate
      ! is_wanted "$jdk" "$@" || break
      jdk=
    done
  fi
  case $jdk in '') return 1 ;; /*) ;; *) jdk=$PWD/$jdk ;; esac
}

# Sets sources: names, times and sizes of all that is built, and of this, so that a file that went away
# counts, too. And this_jdk: which it is, and that it is still the one it was, for an update may lie in the
# same folder. It stands first: bash takes milliseconds to find the last line of many.
look() {
  local seen
  seen=$(cd -- "$root" && find -H "$jdk/release" "$name" cli/src/launcher pom.xml "${modules[@]/%//pom.xml}" \
    "${modules[@]/%//src/main}" "${stores[@]/%//pom.xml}" "${stores[@]/%//src/main}" conformance/kernel-module \
    -type f -printf '%p %T@ %s\n') || true
  this_jdk=${seen%%$'\n'*}
  sources=${seen#*$'\n'}
}

# Sets kept: what a file says.
recall() { kept= && IFS= read -r -d '' kept <"$1" || kept=${kept%$'\n'}; }

# No options of the environment get into what is kept for all later starts.
run_jdk() { # program, its arguments
  local program=$1
  shift
  env -u JAVA_TOOL_OPTIONS -u JDK_JAVA_OPTIONS -u JDK_JAVAC_OPTIONS -u _JAVA_OPTIONS "$jdk/bin/$program" "$@"
}

# Copies Maven's output, and says on stderr which module it has come to. Maven counts the parent, which comes
# first and holds nothing to build.
follow() {
  local line module=
  while IFS= read -r line || [ -n "$line" ]; do
    printf '%s\n' "$line"
    if [[ $line =~ \<\ dev\.memremap:memremap-([a-z-]+)\ \> ]]; then
      module=${BASH_REMATCH[1]}
    elif [[ $line =~ Building\ .*\[([0-9]+)/([0-9]+)\]$ && $module != parent ]]; then
      say "building $((BASH_REMATCH[1] - 1)) of $((BASH_REMATCH[2] - 1)): $module"
    fi
  done
}

# What a cache needs, and without it all works, slower: classes with stack maps, and the rehearsal, which is
# in a jar of its own, for a cache takes no class of a folder.
prepare_cache() {
  run_jdk java -cp "$class_path" "$tools/StackMaps.java" "$home"/lib/*.jar
  mkdir -- "$home/rehearsal" &&
    run_jdk javac --release "$wanted" -cp "$class_path" -d "$home/rehearsal" "$tools/Rehearsal.java" &&
    run_jdk jar --create --file "$home/lib/rehearsal.jar" -C "$home/rehearsal" .
  rm -rf -- "$home/rehearsal"
}

# A JAVA_HOME for Maven where it would find no Java by itself, and the JDK for its toolchains, which look in fewer
# places than this, and at each variable named JAVA…_HOME.
java_for_maven() {
  export JAVA_MEMREMAP_HOME=$jdk
  if [ -n "${JAVA_HOME:-}" ]; then
    [ -x "$JAVA_HOME/bin/java" ] || export JAVA_HOME=$jdk
  else
    command -v java >/dev/null || export JAVA_HOME=$jdk
  fi
}

no_jdk() {
  say "no JDK $wanted or later in JAVA_HOME, on the PATH, in /usr/lib/jvm, /opt, ~/.sdkman, ~/.jdks or /Library/Java; install one ('apt-get install openjdk-25-jdk-headless', or unpack one and set JAVA_HOME)."
  exit 2
}

# Copies the jars of kinds of stores, without those that the command has itself.
copy_stores() { # the folder with the command's in lib
  local store jar
  mkdir -p -- "$1/stores"
  for store in "${stores[@]}"; do
    for jar in "$root/$store/$folder/memremap-$store"-*.jar "$root/$store/$folder"/lib/*.jar; do
      [ ! -f "$jar" ] || [ -e "$1/lib/${jar##*/}" ] || cp -- "$jar" "$1/stores/"
    done
  done
}

build() {
  [ -x "$jdk/bin/javac" ] || no_jdk # a runtime starts what is built, and builds nothing
  if ! command -v mvn >/dev/null; then
    say "Maven is needed to build this once and is not on the PATH; install it, with 'apt-get install maven' for one."
    exit 2
  fi
  case $root in
    *:*)
      say "'$root' has a ':', at which the compiler would split paths; build in a folder without one. What is built there may be copied here."
      exit 2
      ;;
  esac
  say "building ($1)…"
  local each
  for each in "$module" "${stores[@]}"; do
    rm -rf -- "$root/$each/$folder/lib" # or jars of earlier builds would stay on the class path
  done
  exec 7>"$log" 8<"$log" && rm -f -- "$log" # written and read without a name, so that no signal leaves it
  if ! (cd -- "$root" && java_for_maven && mvn -B -ntp -Dstyle.color=never -Dbuild.folder="$folder" \
    -pl "$(IFS=, && echo "${stores[*]}${stores[*]:+,}$module")" -am \
    -Dmaven.test.skip=true package) </dev/null 2>&1 | follow >&7; then
    cat <&8 >&2
    say "the build failed; what Maven says stands above."
    exit 2
  fi
  exec 7>&- 8<&-
  rm -rf -- "$home"
  mkdir -p -- "$home/lib"
  # jars of its own: another build would take these from under the cache
  cp -- "$root/$module/$folder/memremap-$module"-*.jar "$root/$module/$folder"/lib/*.jar "$home/lib/"
  copy_stores "$home"
  name_class_path
  [ "${#rehearsal[@]}" = 0 ] || prepare_cache >/dev/null 2>&1 || true
  printf '%s\n' "$sources" >"$home/stamp"
}

# the same when the cache is made and used, or the JVM would not take it; without the rehearsal's
# profiles, by which the JIT compiles at once, beside the command, what a short one hardly runs. For the
# same reason code has to run five times as often as elsewhere until it is compiled: compiling took a
# quarter of what a start cost, and what runs for seconds is compiled all the same.
flags=(-XX:+IgnoreUnrecognizedVMOptions -XX:-UsePerfData
  -XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining -XX:-AOTReplayTraining
  -XX:CompileThresholdScaling=5 -Xlog:disable -Xlog:all=off --enable-native-access=ALL-UNNAMED "${options[@]}")

# Ends where the current folder was deleted: the JVM would end with the frames of its own start.
need_folder() {
  pwd -P >/dev/null 2>&1 || {
    echo "$name: the current folder is gone; change to one that is there." >&2
    exit 2
  }
}

# Sets chosen: what of ours the options in the user's variables leave room for. The JVM ends where it is told two
# collectors, and where it is to use a cache beside another archive or with a heap that cannot hold its objects;
# whatever else the cache does not fit, it does without. A crash is written to a folder for such files.
choose_flags() { # the cache, which may not be there
  local asked=" ${JAVA_TOOL_OPTIONS:-} ${JDK_JAVA_OPTIONS:-} ${_JAVA_OPTIONS:-} "
  local file='[[:space:]]@|-XX:(Flags|VMOptionsFile)=' # what may name anything
  local collector='-XX:[+]Use[A-Za-z0-9]*GC[^A-Za-z0-9]'
  local archive='-Xshare|-XX:(SharedArchiveFile|SharedClassListFile|DumpLoadedClassList|AOTC[A-Za-z]*|AOTMode=(record|create))'
  local small='(-Xmx|-XX:MaxHeapSize=)([0-9]{1,7}|[0-9]{1,4}[kK]|[0-9][mM])[^0-9a-zA-Z]'
  chosen=("-Dmemremap.command=$0")
  case $0 in
    /bin/* | /usr/bin/* | /usr/local/bin/*) chosen=("-Dmemremap.command=${0##*/}") ;;
    */*) ;;
    *) chosen=("-Dmemremap.command=./$0") ;;
  esac
  [[ $asked =~ $file|$collector ]] || chosen+=(-XX:+UseSerialGC)
  [[ $asked =~ -XX:ErrorFile= ]] || chosen+=("-XX:ErrorFile=${TMPDIR:-/tmp}/memremap-crash-%p.log")
  [ ! -f "$1" ] || [ "${MEMREMAP_AOT:-on}" = off ] || [[ $asked =~ $file|$archive|$small ]] ||
    chosen+=("-XX:AOTCache=$1")
}

# Sets class_path, and at: the folder by a name without ':', at which the JVM splits paths. Where its own name
# has one, that is a descriptor, which the JVM inherits.
name_class_path() {
  at=$home
  case $home in *:*) exec 6<"$home" && at=/proc/self/fd/6 ;; esac
  local IFS=: jars=("$home"/lib/*.jar)
  jars=("${jars[@]/#"$home"/"$at"}")
  class_path=${jars[*]}
}

# A rehearsal of what users type leaves the classes it loaded in a cache; without one all works, slower.
cache() {
  rm -f -- "$home"/memremap.aot* "$home/jdk"
  run_jdk java "${flags[@]}" -XX:+UseSerialGC -XX:AOTCacheOutput="$at/memremap.aot" -cp "$class_path" \
    Rehearsal "${rehearsal[@]}" >/dev/null 2>&1 || rm -f -- "$home/memremap.aot"
  # on a full disk the next start tries again
  { printf '%s\n' "$this_jdk" >"$home/jdk"; } 2>/dev/null || rm -f -- "$home/jdk" "$home"/memremap.aot* 2>/dev/null || true
}

# a file system may list the same files in another order
same_files() { [ "$1" = "$2" ] || [ "$(LC_ALL=C sort <<<"$1")" = "$(LC_ALL=C sort <<<"$2")" ]; }
built() { [ -f "$home/stamp" ] && recall "$home/stamp" && same_files "$sources" "$kept"; }
cached() { [ -f "$home/jdk" ] && recall "$home/jdk" && [ "$this_jdk" = "$kept" ]; }
# One start of either command builds, and others wait for it. Maven and the JVM end normally at Ctrl-C, and
# bash would go on after them: the trap ends it before anything is recorded as done.
alone() {
  trap 'trap - INT; kill -INT $$' INT
  { mkdir -p -- "$root"/{cli,"$module"}/target && exec 9>"$root/cli/target/launcher.lock"; } 2>/dev/null &&
    { flock 9 2>/dev/null || true; }
}

need_folder
find_jdk java javac || find_jdk java || no_jdk

look
if ! built; then
  if ! alone; then
    say "'$root' has to be built, and '$root/cli/target' cannot be written; make room there, or permit it, or build a copy."
    exit 2
  fi
  # another start may have built it while this one waited, and what changes from here on builds the next
  look
  if [ ! -f "$home/stamp" ]; then
    build "first run"
  elif ! built; then
    build "sources changed"
  fi
  exec 9>&-
fi
name_class_path
# of a tree that belongs to another, the cache stays as it is, and a JVM it is not for does without
if [ "${#rehearsal[@]}" != 0 ] && ! cached && [ -w "$home" ] && alone; then
  cached || cache
  exec 9>&-
fi

# The width of standard output's terminal. Bash asks that of standard error when a process of its own ends,
# so this one is there for that moment, too. What the user says counts first.
if [ -t 1 ]; then
  if [ -z "${COLUMNS:-}" ]; then
    shopt -s checkwinsize
    { (:); } 2>&1
  fi
  [ -z "${COLUMNS:-}" ] || export COLUMNS
fi
choose_flags "$at/memremap.aot"
exec "$jdk/bin/java" "${flags[@]}" "${chosen[@]}" "-Dmemremap.stores=$home/stores" -cp "$class_path" "$main" "$@"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests the launcher from outside: bash cli/src/test/sh/launcher-test.sh
set -uo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../../.." && pwd -P)
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
. "$root/cli/src/test/sh/checks.sh"

"$root/memremap" --version >/dev/null 2>&1 # builds if it must

check "the users' command has nothing on its class path that measures" "" \
  "$(cd -- "$root/cli/target/launcher/lib" && ls -d -- *jmh* *netty* *commons-math* *jopt* *benchmarks* 2>/dev/null)"
check "kinds of stores lie in a folder of their own, without what the command has itself" "memremap-valkey" \
  "$(cd -- "$root/cli/target/launcher/stores" && ls | grep -E '^(memremap|HdrHistogram|jspecify)-' | sed 's/-[0-9].*//')"
version=$("$root/memremap" --version)
check "it says the version of the root pom, and a commit" \
  "memremap $(sed -n 's/ *<revision>\(.*\)<.*/\1/p' "$root/pom.xml") (commit)" "${version/(*)/(commit)}"
check "a second start builds nothing" "" "$("$root/memremap" --version 2>&1 >/dev/null)"

# The longest line of a table on a terminal of 100 columns. In the locale C a letter is a byte, which is all
# that some awks count.
widest() {
  script -qec "stty rows 50 cols 100; ${1:-} '$root/memremap' iomem -m '$root/examples/machines/qemu-2g.iomem' ${2:-}" \
    /dev/null </dev/null | tr -d '\r' | LC_ALL=C awk '{ if (length > most) most = length } END { print most }'
}
if command -v script >/dev/null; then
  check "lines are as wide as the terminal" 100 "$(widest "env -u COLUMNS TERM=dumb LC_ALL=C")"
  check "or as COLUMNS says" 90 "$(widest "env COLUMNS=90 TERM=dumb LC_ALL=C")"
  check "also where standard error goes elsewhere" 100 \
    "$(widest "env -u COLUMNS TERM=dumb LC_ALL=C" "2>/dev/null")"
  check "and have no limit in a pipe" yes \
    "$([ "$(widest "env -u COLUMNS TERM=dumb LC_ALL=C" "| cat")" -gt 100 ] && echo yes)"
fi

"$root/memremap" run "$work/none.scenario" >/dev/null 2>&1
check "the command's exit status is passed on" 2 $?

nowhere=$("$root/memremap" pager copy "valkey://127.0.0.1:1?prefix=none" "$work/copy" 2>&1)
check "a kind of store is found there, which finds no node" "1 1 yes" \
  "$? $(wc -l <<<"$nowhere") $(contains "no connection" "$nowhere")"

# _JAVA_OPTIONS win over the launcher's own; -XX:AOTMode=on lets no JVM start without the cache
with() { local options=$1; shift; _JAVA_OPTIONS=$options "$@" 2>/dev/null; }
with -XX:AOTMode=on "$root/memremap" --version >/dev/null
check "the JVM takes the cache" 0 $?
with "-XX:AOTMode=on -Xlog:class+load:file=$work/loaded" "$root/memremap" iomem \
  --machine "$root/examples/machines/qemu-2g.iomem" >/dev/null
check "classes of ours come from it" yes \
  "$(contains "dev.memremap.cli.IomemView source: shared objects file" "$(<"$work/loaded")")"
check "those of picocli, too" yes \
  "$(contains "picocli.CommandLine source: shared objects file" "$(<"$work/loaded")")"
check "and none from a jar" 0 "$(grep -c 'source: file:' "$work/loaded")"
with "-XX:AOTMode=on --add-modules=jdk.httpserver" "$root/memremap" --version >/dev/null
check "with other flags the JVM does not take it" 1 $?
check "and does without" "$version" "$(with --add-modules=jdk.httpserver "$root/memremap" --version)"
check "nor do a user's options stop it" "$version" \
  "$(JAVA_TOOL_OPTIONS=-Dnone=1 JDK_JAVA_OPTIONS=-Xmx64m "$root/memremap" --version 2>/dev/null)"

for option in -XX:+UseParallelGC -XX:+UseG1GC -Xmx4m -Xshare:off; do
  check "nor does $option, in any variable" "$version $version $version" \
    "$(for variable in JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS; do
      env "$variable=$option" "$root/memremap" --version 2>/dev/null
    done | paste -sd ' ')"
done
# an environment of half a MiB leaves no room in a heap of two
many=$(for name in {1..8}; do echo "MANY_$name=$(head -c 65536 /dev/zero | tr '\0' x)"; done)
mapfile -t many <<<"$many"
said=$(env "${many[@]}" JDK_JAVA_OPTIONS=-Xmx2m "$root/memremap" --version 2>&1)
check "where the heap has no room for the command it says so" "2 yes no" \
  "$? $(contains "the JVM ran out of memory" "$said") $(contains "	at " "$said" | head -c 2)"
_JAVA_OPTIONS="-XX:AOTMode=on -XX:+UseG1GC" "$root/memremap" --version >/dev/null 2>&1
check "with another collector it takes the cache all the same" 0 $?
check "doctor says that the JVM takes the cache" yes "$(contains "uses the AOT cache" "$("$root/memremap" doctor)")"
check "and that it does not" yes \
  "$(contains "the JVM does not take the AOT cache" "$(with --add-modules=jdk.httpserver "$root/memremap" doctor)")"
mkdir -p "$work/gone"
check "in a folder that was deleted it says so" "2 yes" \
  "$(cd -- "$work/gone" && rmdir -- "$work/gone" && said=$("$root/memremap" --version 2>&1); echo $? "$(contains "memremap: the current folder is gone" "$said")")"
check "sh starts it, too" "$version" "$(cd -- "$root" && sh memremap --version)"

ln -s "$root/memremap" "$work/through a link"
check "it starts through a symbolic link, from another folder" "$version" \
  "$(cd -- "$work" && "./through a link" --version)"

mkdir -p "$work/elsewhere/at" "$work/at"
ln -s "$root/memremap" "$work/at/memremap"
check "and where CDPATH has a folder of the same name" "$version" \
  "$(cd -- "$work" && CDPATH=$work/elsewhere bash at/memremap --version)"

cp -r -- "$root/examples/machines" "$work/machines"
cp -- "$root/examples/first-map.scenario" "$work/my map.scenario"
check "a relative path is relative to the caller's folder" "6: ok" \
  "$(cd -- "$work" && "$root/memremap" run "my map.scenario" | head -1)"

# a copy without a JDK to find: an empty folder in place of each usual one
/bin/mkdir -p "$work"/bare/cli/src/launcher/sh
cp -- "$root/memremap" "$work/bare/memremap"
sed -e "s#/usr/lib/jvm/\*#$work/none/*#; s#/opt/\*#$work/none/*#" "$root/cli/src/launcher/sh/launch.sh" \
  >"$work/bare/cli/src/launcher/sh/launch.sh"
/bin/mkdir -p "$work/bin"
for tool in dirname readlink bash; do ln -s "$(command -v $tool)" "$work/bin/$tool"; done
bare=$(env -i HOME="$work" PATH="$work/bin" bash "$work/bare/memremap" --version 2>&1)
check "without a JDK it fails with 2" 2 $?
check "and says in one line where it looked" 1 "$(printf '%s\n' "$bare" | wc -l | tr -d ' ')"
check "and how to install one" yes "$(contains "apt-get install openjdk-25-jdk-headless" "$bare")"

# what changes the build, in a copy that only pretends to build
tree=$work/tree
/bin/mkdir -p "$tree"/{core,linux,reading,drawing,scenario,serve,pager,valkey,conformance,benchmarks,cli}/src/main "$tree"/conformance/kernel-module "$tree/bin"
cp -- "$root/memremap" "$root/memremap-dev" "$tree/"
cp -r -- "$root/cli/src/launcher" "$tree/cli/src/launcher"
touch "$tree"/pom.xml "$tree"/{core,linux,reading,drawing,scenario,serve,pager,valkey,conformance,benchmarks,cli}/pom.xml "$tree/core/src/main/A.java"
cat >"$tree/bin/mvn" <<END
#!/usr/bin/env bash
# says what Maven says of three modules, in colour unless told not to, and takes the jars of the tree under test;
# it builds in the folder it is told, as the root pom says
folder=target
for word; do case \$word in -Dbuild.folder=*) folder=\${word#*=} ;; esac; done
red=\$'\e[31m'
case " \$* " in *' -Dstyle.color=never '*) red= ;; esac
echo "[INFO] \${red}--------------------< dev.memremap:memremap-parent >--------------------"
echo "[INFO] \${red}Building memremap for the JVM 0.1.0-SNAPSHOT                       [1/4]"
echo "[INFO] ---------------------< dev.memremap:memremap-core >---------------------"
echo "[INFO] Building memremap: the library 0.1.0-SNAPSHOT                      [2/4]"
echo "[INFO] Building jar: core/target/memremap-core-0.1.0-SNAPSHOT.jar"
case \$(cat "$work/maven" 2>/dev/null) in
  fails)
    echo "[ERROR] on the output: A.java does not compile"
    echo "[ERROR] on the error stream" >&2
    printf 'a last line that does not end'
    exit 1
    ;;
  waits) # as a JVM does, it ends normally when it is interrupted
    trap 'exit 130' INT
    until grep -q core "$work/interrupted"; do sleep 0.05; done
    touch "$work/waiting"
    while :; do sleep 1; done
    ;;
esac
echo "[INFO] -------------------< dev.memremap:memremap-scenario >-------------------"
echo "[INFO] Building memremap: the scenario language 0.1.0-SNAPSHOT            [3/4]"
echo "[INFO] ---------------------< dev.memremap:memremap-cli >----------------------"
echo "[INFO] Building memremap: the command 0.1.0-SNAPSHOT                      [4/4]"
mkdir -p {cli,valkey}/\$folder/lib
touch valkey/\$folder/{memremap-valkey-1,lib/client-1}.jar
cp "$root"/cli/target/launcher/lib/memremap-cli-*.jar cli/\$folder/
cp "$root"/cli/target/launcher/lib/*.jar cli/\$folder/lib/
rm cli/\$folder/lib/{memremap-cli-*,rehearsal.jar}
case \$(cat "$work/maven" 2>/dev/null) in
  beside) # another Maven, of a user, has begun to write the same modules in their usual folder
    mkdir -p cli/target/lib
    for jar in cli/\$folder/{,lib/}*.jar; do echo half-filled >"cli/target/\${jar#cli/\$folder/}"; done
    ;;
esac
echo "\$*" >"$work/asked"
END
chmod +x "$tree/bin/mvn"
start() { PATH="$tree/bin:$PATH" "$tree/memremap" --version 2>&1 >/dev/null; }

# starts a command, and sends it and its children a signal once a file is there; $work/interrupted is what it says
interrupted() { # signal, file, NAME=VALUE, command
  local signal=$1 file=$2 group
  shift 2
  set -m # a process group of its own, as a terminal gives it
  # a script that was itself started in the background ignores SIGINT, and so would its children
  env --default-signal=INT "$@" >"$work/interrupted" 2>&1 &
  group=$!
  set +m
  until [ -e "$file" ] || ! kill -0 "$group" 2>/dev/null; do sleep 0.05; done
  kill -s "$signal" -- "-$group"
  wait "$group" 2>/dev/null
}

echo fails >"$work/maven"
failing=$(start)
check "a build that fails ends the start with 2" 2 $?
check "and all that Maven says is shown" yes \
  "$(contains "[INFO] Building jar: core/target/memremap-core-0.1.0-SNAPSHOT.jar
[ERROR] on the output: A.java does not compile
[ERROR] on the error stream
a last line that does not end" "$failing")"
check "after the modules that it came to" "memremap: building (first run)…
memremap: building 1 of 3: core" "$(head -2 <<<"$failing")"
check "and before the launcher's own last line" "memremap: the build failed; what Maven says stands above." \
  "$(tail -1 <<<"$failing")"
check "without an escape code" no "$(contains $'\e' "$failing" | head -c 2)"

echo waits >"$work/maven"
interrupted INT "$work/waiting" "PATH=$tree/bin:$PATH" "$tree/memremap" --version
check "Ctrl-C ends a build" 130 $?
check "says no more than what was built" "memremap: building (first run)…
memremap: building 1 of 3: core" "$(<"$work/interrupted")"
check "and leaves neither a stamp nor a log" "" \
  "$(cd -- "$tree/cli/target" && ls -d -- launcher launcher-build.log 2>/dev/null)"

rm "$work/waiting"
interrupted TERM "$work/waiting" "PATH=$tree/bin:$PATH" "$tree/memremap" --version
check "SIGTERM ends a build, too" 143 $?
check "and leaves neither a stamp nor a log" "" \
  "$(cd -- "$tree/cli/target" && ls -d -- launcher launcher-build.log 2>/dev/null)"

rm "$work/maven"
check "the first start builds, with a line a module" "memremap: building (first run)…
memremap: building 1 of 3: core
memremap: building 2 of 3: scenario
memremap: building 3 of 3: cli" "$(start)"
check "and leaves no log" "" "$(cd -- "$tree/cli/target" && ls -- launcher-build.log 2>/dev/null)"
check "the next does not" "" "$(start)"
tac "$tree/cli/target/launcher/stamp" >"$work/stamp" && cp -- "$work/stamp" "$tree/cli/target/launcher/stamp"
check "nor where the same files are listed in another order" "" "$(start)"
touch -d @1000000000 "$tree/core/src/main/A.java"
check "a source with another time builds" yes "$(contains "building (sources changed)" "$(start)")"
touch -r "$tree/core/src/main/A.java" "$work/time"
echo changed >"$tree/core/src/main/A.java"
touch -r "$work/time" "$tree/core/src/main/A.java"
check "a source of another size builds" yes "$(contains "building (sources changed)" "$(start)")"
check "and then not again" "" "$(start)"
echo beside >"$work/maven"
touch "$tree/core/src/main/A.java"
check "where another Maven builds in the tree at once it builds" yes "$(contains "building (sources changed)" "$(start)")"
check "and runs none of the jars that the other has filled half" "$version" "$("$tree/memremap" --version 2>/dev/null)"
rm "$work/maven"
touch "$tree/benchmarks/src/main/B.java"
check "a source that the command does not have builds nothing" "" "$(start)"
check "what is built is the command's module, and the kinds of stores" yes "$(contains " -pl valkey,cli -am " "$(<"$work/asked")")"
rm "$tree/core/src/main/A.java"
check "a removed source builds" yes "$(contains "building (sources changed)" "$(start)")"
touch "$tree/valkey/src/main/C.java" "$tree/valkey/target/launcher-build/lib/client-0.jar"
check "and so does one of a kind of store" yes "$(contains "building (sources changed)" "$(start)")"
check "whose jars are those of this build" "client-1.jar memremap-valkey-1.jar" \
  "$(cd -- "$tree/cli/target/launcher/stores" && echo *)"
jdk=$(<"$tree/cli/target/launcher/jdk")
jdk=${jdk%%/release *}
check "a JAVA_HOME that is relative is the same JDK" "$version $jdk/release" \
  "$(cd -- "${jdk%/*}" && JAVA_HOME=${jdk##*/} "$tree/memremap" --version) $(cut -d ' ' -f 1 "$tree/cli/target/launcher/jdk")"

# a JDK that is found, and no Java that Maven would find: it is told; a runtime builds nothing
cp -- "$tree/bin/mvn" "$work/mvn"
sed -i "2i echo \"\${JAVA_HOME:-none} \$JAVA_MEMREMAP_HOME\" >'$work/told'" "$tree/bin/mvn"
mkdir -p "$work/without java" "$work/jre/bin" "$work/empty"
for tool in bash env find sort flock mkdir rm cp cat sed grep mv dirname readlink chmod touch tac ls; do
  ln -sf "$(command -v $tool)" "$work/without java/$tool"
done
built_with() { # JAVA_HOME, PATH
  rm -f -- "$tree/cli/target/launcher/stamp" "$work/told"
  env -u JAVA_HOME ${1:+JAVA_HOME="$1"} PATH="$2" "$tree/memremap" --version >"$work/said" 2>&1
  echo "$? $(cat -- "$work/told" 2>/dev/null)"
}
sed -i "s#/usr/lib/jvm/\*#/usr/lib/jvm/* ${jdk%/*}/*#" "$tree/cli/src/launcher/sh/launch.sh"
check "Maven is told of the JDK where it would find no Java" "0 $jdk $jdk" "$(built_with "" "$tree/bin:$work/without java")"
check "or no Java in JAVA_HOME" "0 $jdk $jdk" "$(built_with "$work/empty" "$tree/bin:$PATH")"
check "and its toolchains alone where it would" "0 none $jdk" "$(built_with "" "$tree/bin:$jdk/bin:$PATH")"
cp -- "$jdk/release" "$work/jre/release"
ln -s "$jdk/bin/java" "$work/jre/bin/java"
check "a runtime in JAVA_HOME is passed over where there is a JDK" "0 $work/jre $jdk" "$(built_with "$work/jre" "$tree/bin:$PATH")"
sed -i "s#/usr/lib/jvm/\* ${jdk%/*}/\*#$work/none/*#; s#/opt/\*#$work/none/*#" "$tree/cli/src/launcher/sh/launch.sh"
check "where there is none, nothing is built" "2 " "$(HOME=$work built_with "$work/jre" "$tree/bin:$work/without java")"
check "which it says in one line" "memremap: no JDK 25 or later in JAVA_HOME" "$(cut -d, -f1 <"$work/said")"
cp -- "$work/mvn" "$tree/bin/mvn"
cp -- "$root/cli/src/launcher/sh/launch.sh" "$tree/cli/src/launcher/sh/launch.sh"
start >/dev/null

# Ctrl-C while the cache is made, with a JDK that waits there and ends as a JVM does
/bin/mkdir -p "$work/jdk/bin"
cp -- "$jdk/release" "$work/jdk/release"
cat >"$work/jdk/bin/java" <<END
#!/usr/bin/env bash
case " \$* " in
  *' -XX:AOTCacheOutput='*)
    trap 'exit 130' INT
    touch "$work/rehearsing"
    while :; do sleep 1; done
    ;;
esac
exec "$jdk/bin/java" "\$@"
END
chmod +x "$work/jdk/bin/java"
ln -s "$jdk/bin/javac" "$work/jdk/bin/javac"
interrupted INT "$work/rehearsing" "JAVA_HOME=$work/jdk" "$tree/memremap" --version
check "Ctrl-C ends the making of a cache, and runs no command" "130 " "$? $(<"$work/interrupted")"
check "and records no cache" "" "$(cd -- "$tree/cli/target/launcher" && ls -d -- jdk memremap.aot* 2>/dev/null)"

# a JDK that is another one, in the same folder or elsewhere
cached() { _JAVA_OPTIONS=-XX:AOTMode=on "$tree/memremap" --version >/dev/null 2>&1; echo $?; }
start >/dev/null
check "the pretended build has a cache" 0 "$(cached)"
printf 'not made by this one\n' >"$tree/cli/target/launcher/memremap.aot"
check "a cache that cannot be used is none" "$version" "$("$tree/memremap" --version 2>/dev/null)"
check "which the JVM would say" 1 "$(cached)"
printf 'an older release\n' >"$tree/cli/target/launcher/jdk"
check "an updated JDK builds nothing" "" "$(start)"
check "but gets a cache of its own" 0 "$(cached)"
printf 'another JDK\n' >"$tree/cli/target/launcher/jdk"
if [ "$(id -u)" = 0 ]; then
  reader() { setpriv --reuid 65534 --regid 65534 --clear-groups -- "$@"; }
else
  reader() { "$@"; }
fi
chmod 755 "$work"
chmod -R a+rX,a-w "$tree"
check "in a tree that cannot be written it starts" "$version" \
  "$(reader "$tree/memremap" --version 2>&1)"
check "and leaves all as it is" "another JDK" "$(<"$tree/cli/target/launcher/jdk")"
chmod -R u+w "$tree"

# no file may have a byte, as on a full disk
rm -f -- "$tree"/cli/target/launcher/{memremap.aot,jdk}
check "on a full disk it starts without a cache" "$version" \
  "$(trap '' XFSZ; ulimit -f 0; "$tree/memremap" --version 2>&1)"
check "and keeps none" "" "$(cd -- "$tree/cli/target/launcher" && cat -- jdk memremap.aot* 2>/dev/null)"
start >/dev/null
check "with room again it gets one" 0 "$(cached)"

colon="$work/a folder:with a colon"
cp -a -- "$tree" "$colon"
check "a built tree starts in a folder with a ':'" "$version" "$("$colon/memremap" --version 2>&1)"
rm -- "$colon"/cli/target/launcher/{memremap.aot,jdk}
"$colon/memremap" --version >/dev/null 2>&1
check "and gets a cache there" 0 \
  "$(_JAVA_OPTIONS=-XX:AOTMode=on "$colon/memremap" --version >/dev/null 2>&1; echo $?)"
rm -r -- "$colon/cli/target/launcher"
check "but is not built there" 2 "$("$colon/memremap" --version >/dev/null 2>&1; echo $?)"
check "which it says in one line" "memremap: '$colon' has a ':'" \
  "$("$colon/memremap" --version 2>&1 | cut -d, -f1)"
rm -r -- "$colon"

blocked="$work/blocked"
cp -a -- "$tree" "$blocked"
rm -r -- "$blocked/cli/target"
: >"$blocked/cli/target"
check "a tree that has to be built and cannot be written says so" \
  "memremap: '$blocked' has to be built, and '$blocked/cli/target' cannot be written; make room there, or permit it, or build a copy." \
  "$("$blocked/memremap" --version 2>&1)"
rm -r -- "$blocked"

"$root/memremap-dev" --version >/dev/null 2>&1 # builds if it must
check "memremap-dev says its version" "memremap-dev${version#memremap}" "$("$root/memremap-dev" --version 2>&1)"
check "and a second start builds nothing" "" "$("$root/memremap-dev" --version 2>&1 >/dev/null)"
check "it has bench" yes "$(contains "reference: percpu_ref" "$("$root/memremap-dev" bench --list)")"
"$root/memremap-dev" bench --only none >/dev/null 2>&1
check "its exit status is passed on" 2 $?
ln -s "$root/memremap-dev" "$work/dev through a link"
check "it starts through a symbolic link, from another folder" "memremap-dev${version#memremap}" \
  "$(cd -- "$work" && "./dev through a link" --version)"

sum_up

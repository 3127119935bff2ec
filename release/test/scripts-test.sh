#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tries how release/package and release/stage end when something is missing, wrong or in the way, in seconds, with programs
# that only pretend to work: bash release/test/scripts-test.sh
set -uo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
. "$root/cli/src/test/sh/checks.sh"

# a tree with what the scripts read, and a launcher that has built it
tree=$work/tree
mkdir -p -- "$tree"/cli/{src,target/launcher-build/lib} "$tree/valkey/target/launcher-build/lib" "$tree/docs/man" "$work/bin" "$tree/core"
cp -r -- "$root/release" "$root/pom.xml" "$root/LICENSE" "$root/NOTICE" "$root/CHANGELOG.md" "$root/examples" "$root/.gitignore" "$tree/"
cp -r -- "$root/cli/src/launcher" "$tree/cli/src/"
cp -- "$root"/docs/*.md "$tree/docs/"
cp -- "$root"/docs/man/memremap*.[15] "$tree/docs/man/"
cp -- "$root/core/pom.xml" "$tree/core/"
sed -n -e '/^stores=/,/)$/p' -e '/^map=/,/)$/p' "$root/memremap" >"$work/arrays"
{
  printf '#!/usr/bin/env bash\nroot=$(cd -- "${0%%/*}" && pwd -P)\n'
  cat -- "$work/arrays"
  printf 'echo "memremap 1 ($(git -C "$root" describe --always --dirty --abbrev=7 "--exclude=*"))"\n'
} >"$tree/memremap"
chmod +x "$tree/memremap"
for jar in memremap-core picocli; do echo "$jar" >"$tree/cli/target/launcher-build/lib/$jar-1.jar"; done
for jar in memremap-core client; do echo "$jar" >"$tree/valkey/target/launcher-build/lib/$jar-1.jar"; done
echo valkey >"$tree/valkey/target/launcher-build/memremap-valkey-1.jar"
echo cli >"$tree/cli/target/launcher-build/memremap-cli-$(sed -n 's/ *<revision>\(.*\)<.*/\1/p' "$root/pom.xml").jar"
git -C "$tree" init -q
git -C "$tree" -c user.name=t -c user.email=t@t.invalid add -A
git -C "$tree" -c user.name=t -c user.email=t@t.invalid commit -q -m tree
commit=$(git -C "$tree" rev-parse --short=7 HEAD)

# a JDK in which each program does what the script wants of it, and a runtime, which lacks most
jdk=$work/jdk
mkdir -p -- "$jdk/bin" "$work/jre/bin"
echo 'JAVA_VERSION="25.0.1"' | tee "$jdk/release" >"$work/jre/release"
cat >"$jdk/bin/java" <<'END'
#!/usr/bin/env bash
for word; do
  case $word in
    -XX:AOTCacheOutput=*) echo cache >"${word#*=}" ;;
    *StackMaps.java) exit ;;
  esac
done
printf '%s\n' "$@"
END
printf '#!/bin/sh\nexit 0\n' >"$jdk/bin/javac"
cat >"$jdk/bin/jar" <<'END'
#!/usr/bin/env bash
[ "$1" = --extract ] && mkdir -p META-INF && echo licence >META-INF/LICENSE && exit
while [ "$1" != --file ]; do shift; done
echo jar >"$2"
END
cat >"$jdk/bin/jdeps" <<'END'
#!/usr/bin/env bash
for module in java.base java.logging java.management java.naming java.xml jdk.attach jdk.httpserver jdk.jfr jdk.net \
  jdk.unsupported java.desktop java.sql jdk.management; do echo "a.jar -> $module"; done
END
cat >"$jdk/bin/jlink" <<'END'
#!/usr/bin/env bash
while [ "$1" != --output ]; do shift; done
mkdir -p "$2/bin" "$2/lib/server"
cp -- "${0%/*}/java" "$2/bin/java"
for file in modules libjli.so libjava.so server/libjvm.so; do echo "$file" >"$2/lib/$file"; done
END
cp -- "$jdk/bin/java" "$work/jre/bin/"
chmod +x "$jdk"/bin/* "$work"/jre/bin/*
ln -s /bin/true "$work/bin/mvn"
# both run in the pretended world; where this runs as root, the folders of other JDKs are not looked at
sed -i -e "s#/usr/lib/jvm/\*#$work/none/*#; s#/opt/\*#$work/none/*#" "$tree/cli/src/launcher/sh/launch.sh"
git -C "$tree" -c user.name=t -c user.email=t@t.invalid commit -q -a -m 'look nowhere else'
commit=$(git -C "$tree" rev-parse --short=7 HEAD)
in_tree() { "${before[@]}" env -u JAVA_TOOL_OPTIONS -u JDK_JAVA_OPTIONS -u _JAVA_OPTIONS HOME="$work" JAVA_HOME="${java:-$jdk}" PATH="$work/bin:$PATH" "$@"; }
before=()
package() { in_tree bash "$tree/release/package" "$@" 2>&1; }
packed() { (cd -- "$tree/target" && ls -- package package.new package.old 2>/dev/null); }

said=$(package)
check "it packs" 0 $?
check "and says which steps it takes" yes "$(contains "package: linking a runtime…" "$said")"
start=$tree/target/package/image/memremap/bin/memremap
check "the archive holds the file last that the start looks for" memremap/version \
  "$(zstd -qdc "$tree/target/package/memremap-linux-x86_64.tar.zst" | tar -t | tail -1)"
check "which says what it is" "($commit)" "$(cut -d' ' -f2 "${start%/bin/*}/version")"
check "it holds documents and examples as the clone does" yes \
  "$(cd -- "${start%/bin/*}/share/doc/memremap" && [ -s docs/kernels.md ] && [ -s docs/contract.md ] && [ -s examples/first-map.scenario ] && echo yes)"
check "kinds of stores lie beside the command's jars, without those" "client-1.jar memremap-valkey-1.jar" \
  "$(cd -- "${start%/bin/*}/stores" && echo *)"
whole=$(packed)

# the start of the packed command, whose pretended java prints its words
flags() { env -u JAVA_TOOL_OPTIONS -u JDK_JAVA_OPTIONS -u _JAVA_OPTIONS TMPDIR=/tmp "$@" "$start" x 2>&1; }
check "it starts with a collector and the cache of its own" yes \
  "$(contains "-XX:+UseSerialGC"$'\n'"-XX:ErrorFile=/tmp/memremap-crash-%p.log"$'\n'"-XX:AOTCache=" "$(flags)")"
check "named as it was called" yes "$(contains "-Dmemremap.command=$start" "$(flags)")"
check "and told where kinds of stores lie" yes "$(contains "-Dmemremap.stores=${start%/*}/../stores" "$(flags)")"
for variable in JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS; do
  said=$(flags "$variable=-Da=b -XX:+UseZGC")
  check "a collector in $variable counts" no "$(contains UseSerialGC "$said" | head -c 2)"
  check "and the cache stays" yes "$(contains -XX:AOTCache= "$said")"
done
for option in -Xmx2m -Xmx2048k -Xshare:off -XX:SharedArchiveFile=/none -XX:AOTMode=record @/none; do
  check "with $option there is no cache" no "$(contains -XX:AOTCache= "$(flags "JDK_JAVA_OPTIONS=$option -Da=b")" | head -c 2)"
done
for option in -Xmx16m -Xmx4g -Xmx512M -Dmail=me@home -XX:AOTMode=on; do
  check "with $option there is" yes "$(contains -XX:AOTCache= "$(flags "JDK_JAVA_OPTIONS=$option -Da=b")")"
done
check "MEMREMAP_AOT=off leaves it out" no "$(contains -XX:AOTCache= "$(flags MEMREMAP_AOT=off)" | head -c 2)"
check "sh starts it, too" yes "$(contains -XX:AOTCache= "$(sh "$start" x 2>&1)")"
mkdir -- "$work/gone"
said=$(cd -- "$work/gone" && rmdir -- "$work/gone" && "$start" x 2>/dev/null; echo $?)
check "in a folder that was deleted it starts no JVM" 2 "$said"
mkdir -- "$work/gone"
check "and says so" yes "$(contains "memremap: the current folder is gone" "$(cd -- "$work/gone" && rmdir -- "$work/gone" && "$start" x 2>&1)")"
cp -a -- "${start%/bin/*}" "$work/part"
for file in version lib/picocli-1.jar stores/client-1.jar runtime/bin/java runtime/lib/server/libjvm.so; do
  mv -- "$work/part/$file" "$work/file"
  check "without $file it says that it is incomplete" \
    "memremap: this installation is incomplete, $work/part/bin/../$file is missing or empty; unpack or install it again. 2" \
    "$("$work/part/bin/memremap" x 2>&1) $("$work/part/bin/memremap" x >/dev/null 2>&1; echo $?)"
  : >"$work/part/$file"
  check "and so where $file is empty" 2 "$("$work/part/bin/memremap" x >/dev/null 2>&1; echo $?)"
  mv -- "$work/file" "$work/part/$file"
done

for file in lib/picocli-1.jar runtime/lib/modules; do
  cp -- "$work/part/$file" "$work/file"
  head -c 3 "$work/file" >"$work/part/$file"
  check "with half of $file it says that it is damaged" \
    "memremap: this installation is damaged, $work/part/bin/../$file has another size than when it was packed; unpack or install it again. 2" \
    "$("$work/part/bin/memremap" x 2>&1) $("$work/part/bin/memremap" x >/dev/null 2>&1; echo $?)"
  mv -- "$work/file" "$work/part/$file"
done
check "and with all of it, it starts" yes "$(contains -cp "$("$work/part/bin/memremap" x 2>&1)")"

for words in nonsense --what; do
  check "package takes no '$words'" "package: '$words' is not understood: there are no arguments. 2" "$(package "$words") $(package "$words" >/dev/null; echo $?)"
done
check "sh packs, too" "package: 'x' is not understood: there are no arguments." "$(in_tree sh "$tree/release/package" x 2>&1)"
said=$(java=$work/jre package)
check "a runtime is no JDK" "2 1 yes" "$(java=$work/jre package >/dev/null; echo $?) $(wc -l <<<"$said") $(contains "no JDK 25 or later with java, javac, jar, jdeps, jlink" "$said")"
check "and what was packed is still there" "$whole" "$(packed)"

# ended in the middle, by a dpkg-deb that waits
cat >"$work/bin/dpkg-deb" <<END
#!/usr/bin/env bash
echo half >"\${@: -1}"
touch "$work/waiting"
exec sleep 30
END
chmod +x "$work/bin/dpkg-deb"
set -m
(before=(exec) && in_tree bash "$tree/release/package" >/dev/null 2>&1) & # exec, or there were a shell more to wait for
group=$!
set +m
until [ -e "$work/waiting" ] || ! kill -0 "$group" 2>/dev/null; do sleep 0.05; done
kill -s TERM -- "-$group"
wait "$group" 2>/dev/null
check "ended in the middle it ends so" 143 $?
check "leaves what was packed, and nothing else" "$whole" "$(packed)"
rm -- "$work/bin/dpkg-deb"

# a commit
commit_of() { (root=$1 name=x && . "$1/release/launcher.sh" && commit && warn_of_commit) 2>&1; }
check "the commit is the tree's" "$commit" "$(commit_of "$tree")"
mkdir -- "$work/other"
git -C "$work/other" init -q
git -C "$work/other" -c user.name=t -c user.email=t@t.invalid commit -q --allow-empty -m other
mkdir -- "$work/other/tree"
cp -r -- "$tree/release" "$tree/cli" "$work/other/tree/"
check "a tree without .git has not the one of the repository around it" "unknown commit
x: the commit is not known, and is named nowhere in what is built: the repository around it is another one." "$(commit_of "$work/other/tree")"
if [ "$(id -u)" = 0 ]; then
  cp -r -- "$tree" "$work/theirs"
  chown -R 65534:65534 -- "$work/theirs"
  check "git's doubt about another's tree is shown" yes "$(contains "dubious ownership" "$(HOME=$work commit_of "$work/theirs")")"
  chmod 755 -- "$work"
  said=$(setpriv --reuid 65533 --regid 65533 --clear-groups env HOME=/ JAVA_HOME="$jdk" PATH="$work/bin:$PATH" bash "$work/theirs/release/package" 2>&1)
  check "in another's tree it says that it cannot write, in one line" "yes 1" "$(contains "belongs to another user" "$said") $(wc -l <<<"$said")"
fi
mv -- "$tree" "$work/a:b"
check "so it does in a folder with a ':', and so does stage" "2 2" "$(in_tree bash "$work/a:b/release/package" >/dev/null 2>&1; echo $?) $(in_tree bash "$work/a:b/release/stage" -Dgpg.skip >/dev/null 2>&1; echo $?)"
check "in a sentence" yes "$(contains "stage: '$work/a:b' has a ':'" "$(in_tree bash "$work/a:b/release/stage" -Dgpg.skip 2>&1)")"
mv -- "$work/a:b" "$tree"

# stage, with a Maven that writes what it is told, or fails after the first module
export GNUPGHOME=$work/keys
mkdir -m 700 -- "$GNUPGHOME"
rm -- "$work/bin/mvn"
cat >"$work/bin/mvn" <<END
#!/usr/bin/env bash
for word; do
  case \$word in
    --version) for each; do [ "\$each" != --bogus ] || { echo "Unable to parse command line options: Unrecognized option: --bogus"; exit 1; }; done; exit ;;
    -DaltDeploymentRepository=staging::file://*) folder=\${word#*file://} ;;
  esac
done
mkdir -p "\$folder/bom"
echo bom >"\$folder/bom/bom.pom"
[ ! -e "$work/fails" ] || exit 1
echo core >"\$folder/core.jar"
END
chmod +x "$work/bin/mvn"
stage() { in_tree env GNUPGHOME="$GNUPGHOME" bash "$tree/release/stage" "$@" 2>&1; }
staged() { (cd -- "$tree/target" && find staging staging.new staging.old -type f 2>/dev/null | sort); }
check "stage without a key says so in one line" "stage: gpg has no secret key to sign with: make one with gpg --quick-generate-key, name another with -Dgpg.keyname=ID, or stage unsigned with -Dgpg.skip. 2" \
  "$(stage) $(stage >/dev/null; echo $?)"
check "what Maven does not know is said in one line" "stage: Unable to parse command line options: Unrecognized option: --bogus" "$(stage --bogus)"
check "and a word that is no option" "stage: 'nonsense' is no option: write each option of Maven as one word, such as -Drevision=1.0." "$(stage nonsense)"
said=$(stage -Dgpg.skip)
check "it stages" 0 $?
check "with checksums" "$(printf 'staging/%s\n' bom/bom.pom{,.sha256,.sha512} core.jar{,.sha256,.sha512} | LC_ALL=C sort)" "$(staged | LC_ALL=C sort)"
check "and says that a snapshot is no release" yes "$(contains "-SNAPSHOT is a snapshot" "$said")"
check "but of a clean tree nothing" no "$(contains "files differ from the commit" "$said" | head -c 2)"
echo changed >>"$tree/NOTICE"
said=$(stage -Dgpg.skip -Drevision=1.0)
check "it says what differs from the commit" yes "$(contains "files differ from the commit" "$said")"
check "and of a version that is none, nothing" no "$(contains "snapshot" "$said" | head -c 2)"
whole=$(staged)
touch "$work/fails"
said=$(stage -Dgpg.skip)
check "a build that fails ends it with 2" "2 stage: nothing is staged; what Maven says stands above." "$(stage -Dgpg.skip >/dev/null; echo $?) $(tail -1 <<<"$said")"
check "and what was staged is still there, and nothing else" "$whole" "$(staged)"

sum_up

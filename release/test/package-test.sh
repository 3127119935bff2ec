#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tries what release/package packed, in a Debian of its own with nothing of ours: bash release/test/package-test.sh
# It takes root, mmdebstrap and expect, and says so where they are missing. The Debian is fetched once and kept for a month in
# ~/.cache/memremap.
set -uo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
packed=$root/target/package
kept=${XDG_CACHE_HOME:-$HOME/.cache}/memremap/bookworm.tar

skip() {
  echo "SKIPPED: the packed command was not tried, because $1."
  exit 0
}

if [ "${1:-}" != inside ]; then
  [ "$(id -u)" = 0 ] || skip "only root can enter a system of its own"
  unshare --mount true 2>/dev/null || skip "this computer lets no process have mounts of its own"
  command -v expect >/dev/null || skip "expect, which types into the shells, is not on the PATH"
  # what another commit packed is packed again
  [ "$("$packed/image/memremap/bin/memremap" --version 2>&1)" = "$("$root/memremap" --version 2>&1)" ] &&
    ls -- "$packed"/*.deb >/dev/null 2>&1 || bash "$root/release/package" || exit
  if [ -z "$(find "$kept" -mtime -30 2>/dev/null)" ]; then
    command -v mmdebstrap >/dev/null || skip "mmdebstrap, which fetches that system, is not on the PATH"
    mkdir -p -- "${kept%/*}"
    mmdebstrap --quiet --format=tar --variant=minbase --include=man-db,bash-completion,zsh,zstd bookworm "$kept.$$" &&
      mv -- "$kept.$$" "$kept" || { rm -f -- "$kept.$$" && skip "mmdebstrap could not fetch that system"; }
  fi
  exec unshare --mount --propagation private bash "${BASH_SOURCE[0]}" inside
fi

name=package-test
. "$root/release/launcher.sh"
need_jdk java
work=$(mktemp -d)
system=$work/system
mkdir -- "$system"
mount -t tmpfs -o size=3g,mode=755 none "$system" # goes with this process's mounts
trap 'umount -R -- "$system"; rm -rf -- "$work"' EXIT
tar -xf "$kept" -C "$system"
mount -t proc none "$system/proc"
mount -t tmpfs -o mode=755 none "$system/dev"
for device in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
  IFS=: read -r node major minor <<<"$device"
  mknod -m 666 "$system/dev/$node" c "$major" "$minor"
done
mkdir -- "$system"/dev/{shm,pts}
mount -t tmpfs -o mode=1777 none "$system/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666 none "$system/dev/pts"
ln -s pts/ptmx "$system/dev/ptmx"

. "$root/cli/src/test/sh/checks.sh"
inside() { chroot "$system" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=dumb "$@"; }
as_user() { inside setpriv --reuid=1000 --regid=1000 --clear-groups env HOME=/tmp "$@"; }
# what the system itself writes when anything is installed is left out
files() {
  inside find / -xdev \( -path /proc -o -path /dev -o -path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/log \
    -o -path /var/cache -o -path /tmp/memremap.deb \) -prune -o -printf '%p %y %m %s %l\n' |
    grep -vE '^/(tmp|root|etc|run|var/lib|usr/share/man)? d ' | sort
}
apt() { inside env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o APT::Sandbox::User=root "$@" >"$work/apt" 2>&1 || cat "$work/apt"; }

expected=$("$root/memremap" run "$root/examples/first-map.scenario")
version=$("$root/memremap" --version)
example=/usr/share/doc/memremap/examples/first-map.scenario
cp -- "$packed"/memremap_*_amd64.deb "$system/tmp/memremap.deb"

check "the system has no Java and nothing of ours" "" "$(inside sh -c 'command -v java; command -v memremap')"
files >"$work/before"

apt install /tmp/memremap.deb
check "apt installs it" "install ok installed" "$(inside dpkg-query -W -f '${Status}' memremap)"
check "it says the version and commit that the launcher says" "$version" "$(inside memremap --version 2>&1)"
check "it runs the first example" "$expected" "$(inside memremap run "$example" 2>&1)"
check "also for another user" "$expected" "$(as_user memremap run "$example" 2>&1)"
inside env _JAVA_OPTIONS=-XX:AOTMode=on memremap --version >/dev/null 2>&1
check "the JVM takes the AOT cache of the package" 0 $?
inside env _JAVA_OPTIONS="-XX:AOTMode=on -Xlog:class+load:file=/tmp/loaded" memremap run "$example" >/dev/null 2>&1
check "and loads nothing of ours from a jar" 0 "$(grep -c 'dev.memremap.*source: file:' "$system/tmp/loaded")"
rm -f -- "$system/tmp/loaded"
for option in -XX:+UseParallelGC -Xmx4m -Xshare:off; do
  check "with $option in JAVA_TOOL_OPTIONS it runs" "$version" "$(inside env JAVA_TOOL_OPTIONS="$option" memremap --version 2>/dev/null)"
done
check "an agent is loaded, where it is there" yes \
  "$(contains "Error opening zip file" "$(inside env JDK_JAVA_OPTIONS=-javaagent:/none memremap --version 2>&1)")"
check "doctor says that the AOT cache is used" yes "$(contains "uses the AOT cache" "$(inside memremap doctor 2>&1)")"
check "and names the command as it is called" no "$(contains "./memremap" "$(as_user memremap doctor 2>&1)" | head -c 2)"
check "the documents that it names are there" yes "$(inside sh -c 'cd /usr/share/doc/memremap/docs && ls kernels.md contract.md >/dev/null && echo yes')"
inside memremap explain 0x3ffff000 8K WB -m /usr/share/doc/memremap/examples/machines/qemu-2g.iomem >/dev/null 2>&1
check "its exit status is passed on" 1 $?
check "what is wrong is said in a sentence" yes "$(contains "/none" "$(inside memremap run /none 2>&1 >/dev/null)")"
check "a table is as wide as COLUMNS says" 90 "$(inside env COLUMNS=90 LC_ALL=C memremap iomem \
  -m /usr/share/doc/memremap/examples/machines/qemu-2g.iomem | awk '{ if (length > most) most = length } END { print most }')"

check "man memremap is there" yes "$(contains "SYNOPSIS" "$(inside env MANPAGER=cat MANWIDTH=100 man memremap 2>&1)")"
check "and man memremap-run" yes "$(contains "SYNOPSIS" "$(inside env MANPAGER=cat MANWIDTH=100 man memremap-run 2>&1)")"
check "and man memremap-scenario, a format" yes "$(contains "UTF-8 text file" "$(inside env MANPAGER=cat MANWIDTH=100 man 5 memremap-scenario 2>&1)")"
check "what only we use has no page there" "" "$(inside sh -c 'ls /usr/share/man/man1 | grep "memremap-dev[-.]"')"
completes() { # how the shell is started, what makes it ready, what is typed, what is added
  expect -f "$root/release/test/completes.exp" \
    "chroot $system env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=xterm HISTFILE=/dev/null $1" "${@:2}" 2>&1
}
bash_is=("bash --norc -i" ". /usr/share/bash-completion/bash_completion")
zsh_is=("zsh -fi" "autoload -Uz compinit; compinit -u -D")
check "bash completes a subcommand, the first time too" yes "$(completes "${bash_is[@]}" "memremap expl" ain)"
check "bash completes an option" yes "$(completes "${bash_is[@]}" "memremap explain --mach" ine)"
check "bash completes the value of an option behind a =" yes "$(completes "${bash_is[@]}" "memremap plan --type=FS" _DAX)"
check "and of one for all commands" yes "$(completes "${bash_is[@]}" "memremap run --color=al" ways)"
check "and a file" yes "$(completes "${bash_is[@]}" "memremap iomem --machine=/usr/share/doc/memremap/exam" ples)"
check "bash completes kernels" yes "$(completes "${bash_is[@]}" "memremap conformance --kernel 5" .10)"
check "zsh completes the value of an option behind a =" yes "$(completes "${zsh_is[@]}" "memremap plan --type=FS" _DAX)"
check "zsh completes a subcommand, the first time too" yes "$(completes "${zsh_is[@]}" "memremap expl" ain)"
check "zsh completes an option" yes "$(completes "${zsh_is[@]}" "memremap explain --mach" ine)"

# a store, from a file into a node of Valkey and back
store_file() { run_jdk java --enable-native-access=ALL-UNNAMED -cp "$packed/image/memremap/lib/*" "$root/release/test/StoreFile.java" "$1" "$system/tmp/$2" 2>&1; }
check "a store is made to be copied" made "$(store_file make store)"
said=$(inside memremap pager copy /tmp/store valkey://127.0.0.1:1?prefix=tried 2>&1)
check "where no node runs it says so in one line" "1 1 yes" "$? $(wc -l <<<"$said") $(contains "no connection" "$said")"
servers=${XDG_CACHE_HOME:-$HOME/.cache}/memremap/servers/valkey
if [ -x "$servers/usr/bin/valkey-server" ]; then
  mkdir -- "$work/node"
  for try in {1..20}; do
    port=$((20000 + RANDOM % 10000))
    : >"$work/node/log"
    # it ends with this script, also after a kill -9
    LD_LIBRARY_PATH=$(printf '%s:' "$servers"/usr/lib/*-linux-gnu) setpriv --pdeathsig KILL "$servers/usr/bin/valkey-server" \
      --port "$port" --bind 127.0.0.1 --dir "$work/node" --save '' >"$work/node/log" 2>&1 &
    until grep -q 'Ready to accept connections' "$work/node/log" || ! kill -0 $! 2>/dev/null; do sleep 0.1; done
    ! kill -0 $! 2>/dev/null || break # or something else has this port
  done
  node=$!
  place=valkey://127.0.0.1:$port?prefix=tried
  check "a store is copied into Valkey" \
    "file:///tmp/store is copied to $place: 300 pages of 4K; 200 pages were written, 0 were there already, and all are compared" \
    "$(inside memremap pager copy /tmp/store "$place" 2>/dev/null)"
  check "with no word on standard error but how far it is" "" \
    "$(inside memremap pager copy /tmp/store "$place" --replace 2>&1 >/dev/null | grep -vE '^(copied|compared) [0-9]+ of 300$')"
  check "and back into a file" \
    "$place is copied to file:///tmp/back: 300 pages of 4K; 200 pages were written, 0 were there already, and all are compared" \
    "$(inside memremap pager copy "$place" /tmp/back 2>/dev/null)"
  check "which has all pages" "300 pages of 300 are right" "$(store_file read back)"
  kill "$node"
  wait "$node"
else
  check "a node of Valkey is there, as MEMREMAP_SERVERS_REQUIRED asks" "" "${MEMREMAP_SERVERS_REQUIRED:-}"
  echo "SKIPPED: no store was copied into Valkey, because valkey/fetch-servers has fetched none."
fi
rm -f -- "$system"/tmp/{store,back}

# a later version, in which a file has gone, another has come, and a third is another
inside dpkg-deb -R /tmp/memremap.deb /tmp/later
sed -i 's/^Version: .*/Version: 99.0/' "$system/tmp/later/DEBIAN/control"
rm -- "$system/tmp/later$example"
echo later >"$system/tmp/later/usr/lib/memremap/later"
(cd -- "$system/tmp/later" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$work/sums"
cp -- "$work/sums" "$system/tmp/later/DEBIAN/md5sums"
inside dpkg-deb -Znone -b /tmp/later /tmp/later.deb >/dev/null
rm -rf -- "$system/tmp/later"
apt install /tmp/later.deb
rm -f -- "$system/tmp/later.deb"
check "a later version takes its place" "99.0" "$(inside dpkg-query -W -f '${Version}' memremap)"
check "with its files alone" "/usr/lib/memremap/later" "$(inside sh -c "ls $example /usr/lib/memremap/later 2>/dev/null")"
check "and runs" "$version" "$(inside memremap --version 2>&1)"
check "all files are as the package has them" "" "$(inside dpkg --verify memremap)"

inside dpkg -r memremap >/dev/null 2>&1
check "dpkg -r removes it" "" "$(inside dpkg-query -W -f '${Status}' memremap 2>/dev/null | grep 'ok installed')"
files >"$work/after"
check "and leaves nothing" "" "$(diff "$work/before" "$work/after")"

mkdir -p -- "$system/opt/my folder"
zstd -qdc "$packed/memremap-linux-x86_64.tar.zst" | tar -x -C "$system/opt/my folder"
ln -s "my folder/memremap/bin/memremap" "$system/opt/memremap"
check "the archive runs where it was unpacked" "$expected" \
  "$(as_user "/opt/my folder/memremap/bin/memremap" run "/opt/my folder/memremap/share/doc/memremap/examples/first-map.scenario" 2>&1)"
inside env _JAVA_OPTIONS=-XX:AOTMode=on "/opt/my folder/memremap/bin/memremap" --version >/dev/null 2>&1
check "and takes its AOT cache" 0 $?
check "also through a link" "$version" "$(inside /opt/memremap --version 2>&1)"
check "and by its name in its folder" "$version" "$(inside bash -c 'cd "/opt/my folder/memremap/bin" && bash memremap --version' 2>&1)"
inside cp -r "/opt/my folder/memremap" /opt/copied
check "copied without its times it runs" "$version" "$(inside /opt/copied/bin/memremap --version 2>&1)"
check "and doctor says that the AOT cache is not used" yes "$(contains "does not take the AOT cache" "$(inside /opt/copied/bin/memremap doctor 2>&1)")"
rm -rf -- "$system/opt/copied"
mv -- "$system/opt/my folder" "$system/opt/a:b"
check "in a folder with a ':' it says what to do" yes \
  "$(contains "move it to a folder without one" "$(inside /opt/a:b/memremap/bin/memremap --version 2>&1)")"
rm -rf -- "$system/opt/a:b" "$system/opt/memremap"
files >"$work/after"
check "and leaves nothing else anywhere" "" "$(diff "$work/before" "$work/after")"

sum_up

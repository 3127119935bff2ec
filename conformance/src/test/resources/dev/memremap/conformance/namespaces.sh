# SPDX-License-Identifier: Apache-2.0
# Makes namespaces with ndctl, one after the other, and says what each one leaves. Each line of $1 is a
# case: NAME|START|LABELS|ALIGN|ARGUMENTS. START is the address of a region; LABELS is 0 for an NVDIMM
# without labels; ALIGN is written to the region's file, or is 0 for the kernel's own choice; ARGUMENTS
# are those of ndctl create-namespace. It says lines KEY VALUE between 'case NAME' and 'end NAME'.
cd /sys/bus/nd/devices || exit 1
trace=/sys/kernel/debug/tracing
# where the fields of a dev_pagemap lie in Linux 6.1 on x86-64; its altmap is the first of them
{
  echo 'p:mapped memremap_pages base=+0(%di):x64 end=+8(%di):x64 reserve=+16(%di):x64 free=+24(%di):x64 type=+96(%di):u32 flags=+100(%di):x32 shift=+104(%di):u64 ranges=+128(%di):u32 start=+136(%di):x64 last=+144(%di):x64'
  echo 'p:added arch_add_memory start=%si:x64 size=%dx:x64'
  echo 'p:unmapped memunmap_pages align=+32(%di):x64 alloc=+40(%di):x64'
} >$trace/kprobe_events || exit 1
for probe in mapped added unmapped; do echo 1 >$trace/events/kprobes/$probe/enable; done

# KEY FILE: what a file of sysfs says, in one line
say() {
  local text=
  read -r text <"$2"
  echo "$1 $text"
}

traced() {
  local line
  while read -r line; do
    case $line in
      *': mapped: '* | *': added: '* | *': unmapped: '*) echo "trace ${line#*: }" ;;
    esac
  done <$trace/trace
  echo >$trace/trace
}

declare -A regions choices labelled
for region in region*; do
  read -r start <$region/resource
  read -r choices[$region] <$region/align
  regions[$start]=$region
done

make_labels() {
  local mapping
  read -r mapping <$1/mapping0
  ndctl disable-region $1 && ndctl init-labels -f ${mapping%%,*} && ndctl enable-region $1
  labelled[$1]=1
}

while IFS="|" read -r -u 3 name start labels align arguments; do
  region=${regions[$start]}
  number=${region#region}
  echo "case $name"
  [ $labels = 0 ] || [ -n "${labelled[$region]}" ] || make_labels $region >/dev/null 2>&1
  if [ $align = 0 ]; then align=${choices[$region]}; fi
  echo $align >$region/align
  say region.resource $region/resource
  say region.size $region/size
  say region.align $region/align
  say region.available $region/available_size
  if [ $labels = 0 ]; then
    ndctl disable-namespace namespace$number.0 >/dev/null 2>&1
    set -- -e namespace$number.0
  else
    set -- -r $region
  fi
  echo >$trace/trace
  dmesg -C
  ndctl create-namespace "$@" $arguments >/run/answer 2>&1
  echo "ndctl.status $?"
  while read -r line; do echo "ndctl $line"; done </run/answer
  dmesg -t | grep -E '^(nd_pmem|dax_pmem) ' | while read -r line; do echo "kernel ${line#*: }"; done
  for device in $region/pfn*.* $region/dax*.*; do
    claimed=
    read -r claimed <$device/namespace
    [ -n "$claimed" ] || continue
    for file in resource size align mode supported_alignments; do say device.$file $device/$file 2>&1; done
    say namespace.resource $claimed/resource
    say namespace.size $claimed/size
    ndctl disable-namespace $claimed >/dev/null 2>&1
    ndctl read-infoblock -j $claimed 2>/dev/null | while read -r line; do echo "block $line"; done
    [ $labels = 0 ] || ndctl destroy-namespace -f $claimed >/dev/null 2>&1
  done
  traced
  echo "end $name"
done 3<<<"$1"

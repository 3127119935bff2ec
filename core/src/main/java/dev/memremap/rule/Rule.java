// SPDX-License-Identifier: Apache-2.0
package dev.memremap.rule;

/**
 * The numbered rules that answers cite, each with its text in one sentence. A rule of the contract
 * or the specification is listed here if an answer cites it.
 *
 * <p>{@code W} is what the Linux document says, {@code C} what it leaves open, {@code D} where
 * every kernel answers otherwise, {@code LIB} what only a library has to promise, and {@code NS}
 * how ndctl and kernels make namespaces. The others are rules of kernel behaviour:
 *
 * {@snippet class="dev.memremap.rule.Rule" region="rules"}
 *
 * <p>Thread safety: immutable.
 */
@SuppressWarnings("InvalidSnippet") // it takes a snippet of a file for an empty one
public enum Rule {
  // @start region="rules"
  W_2(
      "of the flags given, WB, WT and WC are tried in that order until one succeeds; ENC and DEC only modify"),
  RES_5(
      "a request that meets a resource at its own level is refused, and the resource it met is named"),
  RES_6("a resource can be inserted around others only if it holds each of them whole"),
  RES_7("only a resource that is in the tree can be taken out of it"),
  RES_8(
      "a region is requested below the innermost resource that is not busy, and a busy one blocks it"),
  RES_9("only a busy region with exactly these bounds can be released"),
  RES_10("a device's region is released with the device, newest first"),
  RES_11(
      "a free range is the highest in its base, of whole sections, for memory of a device, and the lowest with its alignment for a region of a bus"),
  RI_3(
      "a range that touches nothing of the type is disjoint, one that touches only the type intersects, and the rest is mixed"),
  RI_5("a range of size zero meets only a resource that begins before its start and reaches it"),
  MR_2("without flags nothing is mapped"),
  MR_3("a range that is partly System RAM and partly another resource is never mapped"),
  MR_4("WB on System RAM is the direct map"),
  MR_5("System RAM is mapped by WB alone: WT, WC and the modifiers fail on it"),
  MR_6(
      "the mapping types are tried in the order WB, WT, WC, and without one of them nothing is mapped"),
  MR_7("a size of zero maps nothing"),
  MU_1("unmapping a direct-map pointer unmaps nothing"),
  MU_2(
      "a device gets its record of a mapping before it maps, and through a device each refusal is ENXIO"),
  MU_3("only a mapping that the device manages can be unmapped through it"),
  IO_1(
      "a new mapping needs a size, an end below the address width, and no whole page of System RAM that the kernel uses"),
  ENC_1(
      "where memory is encrypted, ENC keeps the direct map, DEC refuses it, and otherwise the range's own attribute decides"),
  ENC_3(
      "a direct map that is refused for its encryption leaves only a new mapping, which ordinary System RAM does not allow"),
  MT_1(
      "a memory type is reserved for whole pages in ascending order, and the ISA range is always WB"),
  MT_2("WB becomes UC- where the MTRRs say anything but write-back"),
  MT_3(
      "a memory type is kept in page flags for System RAM and in entries elsewhere, and a range of both is refused"),
  MT_4("a page of System RAM takes a memory type only while it is WB"),
  MT_5(
      "a new entry takes the type of the entries it overlaps, and two types in one range refuse every request"),
  MT_6("only what was reserved can be freed"),
  MT_8("an alias may be weaker than asked, but never WB under WC, WT or UC-, nor WC under WT"),
  MT_9("a strict request fails where another type is found"),
  MT_10("a page map takes the memory type that is there, or is refused"),
  MT_13("without PAT, write-combining and write-protect act as UC-"),
  PR_7("a switch to atomic mode adds up all cells in one step, and returns when that is done"),
  AM_5(
      "an altmap gets back the pages that page structures took, but not the pages skipped to align them"),
  AM_6("an altmap begins where its range does and is not larger"),
  AM_8("a namespace of persistent memory begins with its info block, then the altmap, then data"),
  NS_1(
      "a region of persistent memory is aligned to a power of two that is not larger than itself: 16M, or a page where it is smaller, unless its file in sysfs says otherwise"),
  NS_2("without labels a namespace is its whole region, and with labels a part that is free"),
  NS_3("mappings of a namespace are aligned to what an entry of a page table can map"),
  NS_4("the size of a namespace is a multiple of its region's alignment"),
  NS_5("the size of a namespace is a multiple of what its mappings are aligned to"),
  NS_6("a namespace with page structures has at least 16M"),
  NS_7("a namespace with page structures begins where memremap_compat_align allows a mapping"),
  NS_8("a namespace has room for data behind its page structures"),
  DP_1("a page map needs at least one range"),
  DP_5(
      "the ranges of a page map are mapped one after the other, none of them over a live map, and where one fails, those before it are unmapped again; an altmap needs a map of one range"),
  DP_6("since 6.18 a compound page is at most as large as the largest folio, 16 GiB"),
  TD_5("an unmapping kills the reference, waits for its holders and then gives the memory back"),
  GP_3("a lookup finds a live map and takes a reference to it, or finds no map"),
  TY_1("a page map has the callbacks and the owner that its type needs"),
  MF_1("memory that no live page map covers is outside our control"),
  MF_2(
      "a failure of pages that an altmap sets aside is not handled; of others, the map's callback handles it before the generic handler does"),
  MF_3(
      "the generic handler refuses a page that no DAX file or device maps, then PRIVATE and COHERENT pages; of others it marks the head as poisoned"),
  DR_2(
      "a managed resource is looked for by its release and a match, from the newest to the oldest"),
  DR_3("an action that cannot be registered is not run, unless asked to"),
  DR_4("only a registered action can be removed or released"),
  DR_5("a group is released with what lies between its markers, newest first"),
  DR_6("a record still on its list cannot be freed"),
  C_1("a page map takes the caller's live reference or makes its own"),
  C_2("a release with a live reference warns, kills it and goes on"),
  C_3("a page map that intersects System RAM is refused"),
  C_4("a page map starts and ends at multiples of 2 MiB"),
  C_6("the comparison with System RAM looks inside bus and CXL windows"),
  C_11("a page map takes the one mode that is already in its range"),
  C_12("where the document is silent, the machine's kernel is followed, 6.1 if none is named"),
  C_13("a page map's checks have one order, range by range"),
  C_14("a put too many is refused where it is seen, and keeps no page map from ending"),
  C_15("only a dead reference is reinitialised or resurrected"),
  C_17("a page map's pointer is valid until the map has drained"),
  C_18("hints and references belong to one machine"),
  C_19(
      "only x86_64 has measured rules; other machines are read and shown, and their real memory is mapped by the system's files"),
  D_1("a page map without a known type is refused, where kernels warn and go on"),
  D_2(
      "a page map that overlaps a live one anywhere is refused, where kernels look at its two ends"),
  D_3("a hint is recognised by any of its ranges, where kernels look at the first"),
  D_4("memory is never returned under a reader"),
  D_5("misuse is refused and every count stays right, where kernels warn, corrupt or hang"),
  D_7(
      "WB on a range that is partly System RAM and partly a hole fails, where kernels return the direct map's address"),
  D_8(
      "a size of zero or a range that wraps around always fails, where kernels return a direct-map pointer for some"),
  D_9(
      "the whole range must lie below the physical address width, where kernels look at the first byte"),
  D_10("a page map is a multiple of 2 MiB to the byte, where kernels drop what is below a page"),
  D_11("a page map that fails leaves nothing behind, where kernels can"),
  D_12("a page frame number is a whole 64-bit number, where kernels drop its upper bits"),
  D_13("an altmap as large as its range, or too small for it, is refused before anything changes"),
  D_14(
      "switching to atomic mode never marks a reference dying, where kernels do without ALLOW_REINIT"),
  D_16("a compound map whose range is not a multiple of its compound page is refused"),
  D_17("System RAM of the host is reached through /dev/mem alone"),
  D_18(
      "a reference that exited in per-CPU mode is not zero, where kernels show the count that it had on entering that mode"),
  D_19(
      "a hint that covers the page is returned though its map was killed, where kernels without hints find none"),
  D_20(
      "a caller's reference is live on entry, is not waited for and outlives its map, where 5.10 accepts a dead one, waits, and ends it"),
  LIB_1("a machine keeps half of the system's mappings free for the JVM"),
  LIB_2("simulated memory lies in a file, whose file system must have room and length for it"),
  LIB_3("a view through another encryption attribute is a copy, and holds at most 64 MiB"),
  LIB_4("an arena that an I/O operation holds cannot be closed until that operation ends"),
  LIB_5("a closed machine, device or mapping answers nothing"),
  LIB_6("real memory is reached by the routes that the system offers, each with the modes it has"),
  LIB_7("registers, whose reading may do something, are reached through ioremap alone"),
  LIB_8("memory that goes away under a mapping ends an access in an error that names it"),
  LIB_9("what a kernel driver uses is mapped only by force");
  // @end

  private final String sentence;

  Rule(String sentence) {
    this.sentence = sentence;
  }

  /** Returns the rule's number as documents cite it, such as {@link #MR_3 MR-3}. */
  public String id() {
    return name().replace('_', '-');
  }

  /** Returns the rule in one sentence, lower case, without a final full stop. */
  public String sentence() {
    return sentence;
  }

  /**
   * Returns whether this is a departure: every kernel answers otherwise, and the library differs on
   * purpose.
   */
  public boolean isDeparture() {
    return name().startsWith("D_");
  }
}

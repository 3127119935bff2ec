// SPDX-License-Identifier: Apache-2.0
package dev.memremap.rule;

import java.util.Optional;

/**
 * Every numbered rule that an answer can rest on, each with its text in one sentence.
 *
 * <p>{@code W} and {@code C} are the contract's words and settled questions, {@code D} its numbered
 * departures from kernels, {@code LIB} what only a library has to promise; the others are the
 * specification's rules of kernel behaviour. Exceptions, plans, {@code memremap explain} and {@code
 * memremap run --check} all read their sentence here.
 *
 * <p>Thread safety: immutable.
 */
public enum Rule {
  /**
   * Of the flags given, WB, WT and WC are tried in that order until one succeeds; ENC and DEC only
   * modify.
   */
  W_2(
      "of the flags given, WB, WT and WC are tried in that order until one succeeds; ENC and DEC only modify"),
  /** WB on System RAM is a pointer into the direct map, never a new mapping. */
  W_3("WB on System RAM is a pointer into the direct map, never a new mapping"),
  /** Write-through never holds on System RAM. */
  W_4("write-through never holds on System RAM"),
  /** Write-combining never holds on System RAM. */
  W_5("write-combining never holds on System RAM"),
  /**
   * Siblings in a resource tree are sorted and never overlap, and a child lies inside its parent.
   */
  RES_1(
      "siblings in a resource tree are sorted and never overlap, and a child lies inside its parent"),
  /**
   * A request that meets a resource at its own level is refused, and the resource it met is named.
   */
  RES_5(
      "a request that meets a resource at its own level is refused, and the resource it met is named"),
  /** A resource can be inserted around others only if it holds each of them whole. */
  RES_6("a resource can be inserted around others only if it holds each of them whole"),
  /** Only a resource that is in the tree can be taken out of it. */
  RES_7("only a resource that is in the tree can be taken out of it"),
  /**
   * A region is requested below the innermost resource that is not busy, and a busy one blocks it.
   */
  RES_8(
      "a region is requested below the innermost resource that is not busy, and a busy one blocks it"),
  /** Only a busy region with exactly these bounds can be released. */
  RES_9("only a busy region with exactly these bounds can be released"),
  /** A device's region is released with the device, newest first. */
  RES_10("a device's region is released with the device, newest first"),
  /** A free range is searched downwards, in whole sections, from the top of the base range. */
  RES_11("a free range is searched downwards, in whole sections, from the top of the base range"),
  /** A request that spans more than one resource which is not busy is suspicious. */
  RES_12("a request that spans more than one resource which is not busy is suspicious"),
  /**
   * A line of the resource text is two spaces for each level, start-end in hexadecimal, a colon,
   * and the name.
   */
  PRC_1(
      "a line of the resource text is two spaces for each level, start-end in hexadecimal, a colon, and the name"),
  /** Levels deeper than five are indented like the fifth. */
  PRC_2("levels deeper than five are indented like the fifth"),
  /** A reader without privilege sees zeros for every address. */
  PRC_3("a reader without privilege sees zeros for every address"),
  /** A page counts as System RAM if a busy System RAM resource holds all of it. */
  WK_2("a page counts as System RAM if a busy System RAM resource holds all of it"),
  /**
   * A resource is of the type asked for if it has all the flags asked for and, where one is asked,
   * the same descriptor.
   */
  RI_1(
      "a resource is of the type asked for if it has all the flags asked for and, where one is asked, the same descriptor"),
  /**
   * A range that touches nothing of the type is disjoint, one that touches only the type
   * intersects, and the rest is mixed.
   */
  RI_3(
      "a range that touches nothing of the type is disjoint, one that touches only the type intersects, and the rest is mixed"),
  /** A window counts as the type where its descendants cover all that the range shares with it. */
  RI_4("a window counts as the type where its descendants cover all that the range shares with it"),
  /**
   * A size of zero makes a range that ends before it starts, and it meets what lies strictly around
   * its start.
   */
  RI_5(
      "a size of zero makes a range that ends before it starts, and it meets what lies strictly around its start"),
  /** A question without flags and descriptor is answered by any resource at all. */
  RI_6("a question without flags and descriptor is answered by any resource at all"),
  /** The range is compared with System RAM before anything else. */
  MR_1("the range is compared with System RAM before anything else"),
  /** Without flags nothing is mapped. */
  MR_2("without flags nothing is mapped"),
  /** A range that is partly System RAM and partly another resource is never mapped. */
  MR_3("a range that is partly System RAM and partly another resource is never mapped"),
  /** WB on System RAM is the direct map. */
  MR_4("WB on System RAM is the direct map"),
  /** System RAM is mapped by WB alone: WT, WC and the modifiers fail on it. */
  MR_5("System RAM is mapped by WB alone: WT, WC and the modifiers fail on it"),
  /**
   * The mapping types are tried in the order WB, WT, WC, and without one of them nothing is mapped.
   */
  MR_6(
      "the mapping types are tried in the order WB, WT, WC, and without one of them nothing is mapped"),
  /** A size of zero maps nothing. */
  MR_7("a size of zero maps nothing"),
  /** A remap takes no resource: only its mapping and its memory type last. */
  MR_8("a remap takes no resource: only its mapping and its memory type last"),
  /** A WB mapping outside System RAM is encrypted in an encrypted guest unless DEC is given. */
  MR_9("a WB mapping outside System RAM is encrypted in an encrypted guest unless DEC is given"),
  /** Unmapping a direct-map pointer unmaps nothing. */
  MU_1("unmapping a direct-map pointer unmaps nothing"),
  /** A device's mapping needs its managed record first, and a refused remap is ENXIO there. */
  MU_2("a device's mapping needs its managed record first, and a refused remap is ENXIO there"),
  /** Only a mapping that the device manages can be unmapped through it. */
  MU_3("only a mapping that the device manages can be unmapped through it"),
  /**
   * A new mapping needs a size, an end below the address width, and no System RAM that the kernel
   * uses.
   */
  IO_1(
      "a new mapping needs a size, an end below the address width, and no System RAM that the kernel uses"),
  /** A mapping that fails gives its memory type back. */
  IO_2("a mapping that fails gives its memory type back"),
  /** Each mapping type asks for the memory type of its name. */
  IO_3("each mapping type asks for the memory type of its name"),
  /** In an encrypted guest, a busy resource with a descriptor of its own is mapped encrypted. */
  IO_4("in an encrypted guest, a busy resource with a descriptor of its own is mapped encrypted"),
  /**
   * Where memory is encrypted, ENC keeps the direct map, DEC refuses it, and otherwise the range's
   * own attribute decides.
   */
  ENC_1(
      "where memory is encrypted, ENC keeps the direct map, DEC refuses it, and otherwise the range's own attribute decides"),
  /** Persistent memory and what the firmware left unencrypted are mapped decrypted. */
  ENC_2("persistent memory and what the firmware left unencrypted are mapped decrypted"),
  /**
   * A direct map that is refused for its encryption leaves only a new mapping, which ordinary
   * System RAM does not allow.
   */
  ENC_3(
      "a direct map that is refused for its encryption leaves only a new mapping, which ordinary System RAM does not allow"),
  /** A range is accessed encrypted if the direct map would be, with no flags given. */
  ENC_4("a range is accessed encrypted if the direct map would be, with no flags given"),
  /** Boot data is met at its first byte or strictly inside it. */
  ENC_5("boot data is met at its first byte or strictly inside it"),
  /**
   * A memory type is reserved for whole pages in ascending order, and the ISA range is always WB.
   */
  MT_1(
      "a memory type is reserved for whole pages in ascending order, and the ISA range is always WB"),
  /** WB becomes UC- where the MTRRs say anything but write-back. */
  MT_2("WB becomes UC- where the MTRRs say anything but write-back"),
  /**
   * A memory type is kept in page flags for System RAM and in entries elsewhere, and a range of
   * both is refused.
   */
  MT_3(
      "a memory type is kept in page flags for System RAM and in entries elsewhere, and a range of both is refused"),
  /** A page of System RAM takes a memory type only while it is WB. */
  MT_4("a page of System RAM takes a memory type only while it is WB"),
  /**
   * A new entry takes the type of the entries it overlaps, and two types in one range refuse every
   * request.
   */
  MT_5(
      "a new entry takes the type of the entries it overlaps, and two types in one range refuse every request"),
  /** Only what was reserved can be freed. */
  MT_6("only what was reserved can be freed"),
  /** Where no entry is, the memory type reads as UC-. */
  MT_7("where no entry is, the memory type reads as UC-"),
  /** An alias may be weaker than asked, but never WB under WC, WT or UC-, nor WC under WT. */
  MT_8("an alias may be weaker than asked, but never WB under WC, WT or UC-, nor WC under WT"),
  /** A strict request fails where another type is found. */
  MT_9("a strict request fails where another type is found"),
  /** A page map takes the memory type that is there, or is refused. */
  MT_10("a page map takes the memory type that is there, or is refused"),
  /** Without PAT, write-combining and write-protect act as UC-. */
  MT_13("without PAT, write-combining and write-protect act as UC-"),
  /** The memory type list has one line for each entry. */
  MT_14("the memory type list has one line for each entry"),
  /** Tryget_live fails once the reference was killed. */
  PR_4("tryget_live fails once the reference was killed"),
  /** A kill gives the initial reference back, once. */
  PR_5("a kill gives the initial reference back, once"),
  /** A switch to atomic mode takes the cells' sum in one step, and is waited for. */
  PR_7("a switch to atomic mode takes the cells' sum in one step, and is waited for"),
  /** An altmap gives pages in one piece, aligned to their number. */
  AM_4("an altmap gives pages in one piece, aligned to their number"),
  /** An altmap takes back what page structures took, never what was skipped to align them. */
  AM_5("an altmap takes back what page structures took, never what was skipped to align them"),
  /** An altmap begins where its range does and is not larger. */
  AM_6("an altmap begins where its range does and is not larger"),
  /** Page structures fill whole pages of an altmap. */
  AM_7("page structures fill whole pages of an altmap"),
  /** A namespace of persistent memory begins with its info block, then the altmap, then data. */
  AM_8("a namespace of persistent memory begins with its info block, then the altmap, then data"),
  /** A page map needs at least one range. */
  DP_1("a page map needs at least one range"),
  /** A page map is made range by range, and a failure undoes all of it in reverse. */
  DP_5("a page map is made range by range, and a failure undoes all of it in reverse"),
  /** An unmapping kills the reference, waits for its holders and then gives the memory back. */
  TD_5("an unmapping kills the reference, waits for its holders and then gives the memory back"),
  /** A hint that covers the page comes back as it is. */
  GP_1("a hint that covers the page comes back as it is"),
  /** A hint that does not cover the page loses its reference before the lookup. */
  GP_2("a hint that does not cover the page loses its reference before the lookup"),
  /** A lookup finds a live map and takes a reference, or finds none. */
  GP_3("a lookup finds a live map and takes a reference, or finds none"),
  /** The pages that an altmap sets aside have no page structure. */
  GP_6("the pages that an altmap sets aside have no page structure"),
  /** A type needs its callbacks and its owner. */
  TY_1("a type needs its callbacks and its owner"),
  /** The last put of a page frees it as its type demands. */
  TY_4("the last put of a page frees it as its type demands"),
  /** A compound page is one reference, and is whole. */
  CG_1("a compound page is one reference, and is whole"),
  /** Memory that no live page map covers is outside our control. */
  MF_1("memory that no live page map covers is outside our control"),
  /** The pages that an altmap sets aside fail, and a callback goes before the generic handler. */
  MF_2("the pages that an altmap sets aside fail, and a callback goes before the generic handler"),
  /** The generic handler poisons the head, but never PRIVATE or COHERENT pages. */
  MF_3("the generic handler poisons the head, but never PRIVATE or COHERENT pages"),
  /** Managed resources are released newest first. */
  DR_1("managed resources are released newest first"),
  /** A managed resource is found newest first by its release and what matches it. */
  DR_2("a managed resource is found newest first by its release and what matches it"),
  /** An action that cannot be registered is not run, unless asked to. */
  DR_3("an action that cannot be registered is not run, unless asked to"),
  /** Only a registered action can be removed or released. */
  DR_4("only a registered action can be removed or released"),
  /** A group is released with what lies between its markers, newest first. */
  DR_5("a group is released with what lies between its markers, newest first"),
  /** A record still on its list cannot be freed. */
  DR_6("a record still on its list cannot be freed"),
  /** What must outlive a mapping is registered before it. */
  DR_7("what must outlive a mapping is registered before it"),
  /** A page map takes the caller's live reference or makes its own. */
  C_1("a page map takes the caller's live reference or makes its own"),
  /** A release with a live reference warns, kills it and goes on. */
  C_2("a release with a live reference warns, kills it and goes on"),
  /** A page map that intersects System RAM is refused. */
  C_3("a page map that intersects System RAM is refused"),
  /** A page map starts and ends at multiples of 2 MiB. */
  C_4("a page map starts and ends at multiples of 2 MiB"),
  /** A fresh page's count and the map's reference follow its type. */
  C_5("a fresh page's count and the map's reference follow its type"),
  /** The comparison with System RAM looks inside bus and CXL windows. */
  C_6("the comparison with System RAM looks inside bus and CXL windows"),
  /** A hint that covers the page comes back as it is. */
  C_7("a hint that covers the page comes back as it is"),
  /** A memmap has the kernel's geometry or our compact one. */
  C_8("a memmap has the kernel's geometry or our compact one"),
  /** A hole is in no resource, so it is mapped like a device's range. */
  C_9("a hole is in no resource, so it is mapped like a device's range"),
  /** A reference that was exited is dying for good. */
  C_10("a reference that was exited is dying for good"),
  /** A page map takes the one mode that is already in its range. */
  C_11("a page map takes the one mode that is already in its range"),
  /** Where kernels differ, 6.1 is followed. */
  C_12("where kernels differ, 6.1 is followed"),
  /** A page map's checks have one order, range by range. */
  C_13("a page map's checks have one order, range by range"),
  /** A get at zero is granted before exit, and per-CPU mode hides zero. */
  C_14("a get at zero is granted before exit, and per-CPU mode hides zero"),
  /** Only a dead reference is reinitialised or resurrected. */
  C_15("only a dead reference is reinitialised or resurrected"),
  /** On simulated memory a mode decides conflicts and answers, never when bytes become visible. */
  C_16("on simulated memory a mode decides conflicts and answers, never when bytes become visible"),
  /** A page map's pointer is valid until the map has drained. */
  C_17("a page map's pointer is valid until the map has drained"),
  /** Hints and references belong to one machine. */
  C_18("hints and references belong to one machine"),
  /** Only x86_64 has measured rules; machines of other architectures are read and shown. */
  C_19("only x86_64 has measured rules; machines of other architectures are read and shown"),
  /** A page map without a known type is refused, where kernels warn and go on. */
  D_1("a page map without a known type is refused, where kernels warn and go on"),
  /**
   * A page map that overlaps a live one anywhere is refused, where kernels look at its two ends.
   */
  D_2(
      "a page map that overlaps a live one anywhere is refused, where kernels look at its two ends"),
  /** A hint is recognised by any of its ranges, where kernels look at the first. */
  D_3("a hint is recognised by any of its ranges, where kernels look at the first"),
  /** Memory is never returned under a reader. */
  D_4("memory is never returned under a reader"),
  /** Misuse is refused and every count stays right, where kernels warn, corrupt or hang. */
  D_5("misuse is refused and every count stays right, where kernels warn, corrupt or hang"),
  /** Failures carry their reason, where kernels return NULL. */
  D_6("failures carry their reason, where kernels return NULL"),
  /**
   * WB on a range that is partly System RAM and partly a hole fails, where kernels return the
   * direct map's address.
   */
  D_7(
      "WB on a range that is partly System RAM and partly a hole fails, where kernels return the direct map's address"),
  /**
   * A size of zero or a range that wraps around always fails, where kernels return a direct-map
   * pointer for some.
   */
  D_8(
      "a size of zero or a range that wraps around always fails, where kernels return a direct-map pointer for some"),
  /**
   * The whole range must lie below the physical address width, where kernels look at the first
   * byte.
   */
  D_9(
      "the whole range must lie below the physical address width, where kernels look at the first byte"),
  /** A page map is a multiple of 2 MiB to the byte, where kernels drop what is below a page. */
  D_10("a page map is a multiple of 2 MiB to the byte, where kernels drop what is below a page"),
  /** A page map that fails leaves nothing behind, where kernels can. */
  D_11("a page map that fails leaves nothing behind, where kernels can"),
  /** A page frame number is a whole 64-bit number, where kernels drop its upper bits. */
  D_12("a page frame number is a whole 64-bit number, where kernels drop its upper bits"),
  /** An altmap as large as its range, or too small for it, is refused before anything changes. */
  D_13("an altmap as large as its range, or too small for it, is refused before anything changes"),
  /**
   * Switching to atomic mode never marks a reference dying, where kernels do without ALLOW_REINIT.
   */
  D_14(
      "switching to atomic mode never marks a reference dying, where kernels do without ALLOW_REINIT"),
  /** A page map over a WT alias is WT, where kernels fall to UC. */
  D_15("a page map over a WT alias is WT, where kernels fall to UC"),
  /** A compound map whose range is no multiple of its compound page is refused. */
  D_16("a compound map whose range is no multiple of its compound page is refused"),
  /** System RAM of the host is reached through /dev/mem, or not at all. */
  D_17("System RAM of the host is reached through /dev/mem, or not at all"),
  /**
   * What exited in per-CPU mode reads not zero, where kernels show the count it came there with.
   */
  D_18(
      "what exited in per-CPU mode reads not zero, where kernels show the count it came there with"),
  /** A machine keeps half of the system's mappings free for the JVM. */
  LIB_1("a machine keeps half of the system's mappings free for the JVM"),
  /** Simulated memory lies in a file, whose file system must have room and length for it. */
  LIB_2("simulated memory lies in a file, whose file system must have room and length for it"),
  /** A view through another encryption attribute is a copy, and holds at most 64 MiB. */
  LIB_3("a view through another encryption attribute is a copy, and holds at most 64 MiB"),
  /** An arena that an I/O operation holds cannot be closed until that operation ends. */
  LIB_4("an arena that an I/O operation holds cannot be closed until that operation ends"),
  /** A closed machine, device or mapping answers nothing. */
  LIB_5("a closed machine, device or mapping answers nothing"),
  /** Real memory is reached by the routes that the system offers, each with the modes it has. */
  LIB_6("real memory is reached by the routes that the system offers, each with the modes it has"),
  /** Registers, whose reading may do something, are reached through ioremap alone. */
  LIB_7("registers, whose reading may do something, are reached through ioremap alone"),
  /** Memory that goes away under a mapping ends an access in an error that names it. */
  LIB_8("memory that goes away under a mapping ends an access in an error that names it"),
  /** What a kernel driver uses is mapped only by force. */
  LIB_9("what a kernel driver uses is mapped only by force");

  private final String sentence;

  Rule(String sentence) {
    this.sentence = sentence;
  }

  /** The rule's number as documents cite it: {@code MR-3}, {@code D-7}. */
  public String id() {
    return name().replace('_', '-');
  }

  /** The rule in one sentence, lower case, without a final full stop. */
  public String sentence() {
    return sentence;
  }

  /** Whether this is a departure: every kernel answers otherwise, and we do so on purpose. */
  public boolean isDeparture() {
    return name().startsWith("D_");
  }

  /** The rule with this number, {@code "MR-3"}; empty if there is none. */
  public static Optional<Rule> of(String id) {
    for (Rule rule : values()) {
      if (rule.id().equals(id)) {
        return Optional.of(rule);
      }
    }
    return Optional.empty();
  }
}

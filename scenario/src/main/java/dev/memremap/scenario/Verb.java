// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static dev.memremap.scenario.Effect.BYTES;
import static dev.memremap.scenario.Effect.COUNT;
import static dev.memremap.scenario.Effect.LOOKUP_COUNT;
import static dev.memremap.scenario.Effect.MAPPING;
import static dev.memremap.scenario.Effect.NOTHING;
import static dev.memremap.scenario.Effect.STATE;
import static dev.memremap.scenario.Meaning.device;
import static dev.memremap.scenario.Meaning.mapping;
import static dev.memremap.scenario.Meaning.pagemap;
import static dev.memremap.scenario.Meaning.ref;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The verbs of the language, one row each: the usage, what it means (its subject, its syntax, our
 * method), what it changes, and how often generated scenarios want it.
 *
 * <p>Everything that knows the verbs reads this table: the parser, the executor, the comparison,
 * the generator, and the kernel module, whose header {@code verbs.h} is generated from it. The
 * order is the contract's.
 */
@SuppressWarnings("ImmutableEnumChecker") // usage and meaning are immutable, but not annotated so
public enum Verb {
  MACHINE(
      "machine SPEC [KEY=VALUE…]",
      Meaning.machine(ArgumentSyntax::machine, MachineExecutor::select),
      NOTHING,
      0),

  REGION(
      "region START SIZE",
      mapping(ArgumentSyntax::region, MappingOperations::region),
      NOTHING,
      2.8),
  MEMREMAP(
      "memremap NAME OFFSET SIZE FLAGS",
      mapping(ArgumentSyntax::memremap, MappingOperations::memremap),
      MAPPING,
      4.6),
  MEMUNMAP(
      "memunmap NAME",
      mapping(ArgumentSyntax::namedMapping, MappingOperations::memunmap),
      STATE,
      3.1),
  LOAD(
      "load NAME OFFSET WIDTH",
      mapping(ArgumentSyntax::load, MappingOperations::load),
      NOTHING,
      3.1),
  STORE(
      "store NAME OFFSET WIDTH VALUE",
      mapping(ArgumentSyntax::store, MappingOperations::store),
      BYTES,
      3.1),

  REF(
      "ref NAME [atomic] [dead] [reinit]",
      ref(ArgumentSyntax::ref, RefOperations::define),
      STATE,
      2.2),
  REF_GET("ref-get R [N]", ref(ArgumentSyntax::counted, RefOperations::get), STATE, 2.6),
  REF_PUT("ref-put R [N]", ref(ArgumentSyntax::counted, RefOperations::put), STATE, 3.2),
  REF_TRYGET("ref-tryget R", ref(ArgumentSyntax::namedRef, RefOperations::tryget), COUNT, 2.6),
  REF_TRYGET_LIVE(
      "ref-tryget-live R", ref(ArgumentSyntax::namedRef, RefOperations::trygetLive), COUNT, 2.6),
  REF_KILL("ref-kill R", ref(ArgumentSyntax::namedRef, RefOperations::kill), STATE, 3.2),
  REF_REINIT("ref-reinit R", ref(ArgumentSyntax::namedRef, RefOperations::reinit), STATE, 3.2),
  REF_RESURRECT(
      "ref-resurrect R", ref(ArgumentSyntax::namedRef, RefOperations::resurrect), STATE, 3.4),
  // A switch of mode and an exit leave the count as it is: an exit may even be a second one.
  REF_TO_ATOMIC(
      "ref-to-atomic R", ref(ArgumentSyntax::namedRef, RefOperations::toAtomic), NOTHING, 2.6),
  REF_TO_PERCPU(
      "ref-to-percpu R", ref(ArgumentSyntax::namedRef, RefOperations::toPercpu), NOTHING, 2.6),
  REF_STATE("ref-state R", ref(ArgumentSyntax::namedRef, RefOperations::state), NOTHING, 2.6),
  REF_EXIT("ref-exit R", ref(ArgumentSyntax::namedRef, RefOperations::exit), NOTHING, 2.6),

  DEVICE("device D", device(ArgumentSyntax::newDevice, DeviceOperations::define), NOTHING, 2.6),
  PGMAP(
      "pgmap P type=T range=START+SIZE[,START+SIZE…] [ref=R] [altmap=RESERVE,FREE]"
          + " [ops=NAME[,NAME…]] [owner=NAME] [shift=N]",
      pagemap(ArgumentSyntax::pgmap, PagemapOperations::pgmap),
      STATE,
      3.0),
  REMAP_PAGES(
      "remap-pages P [dev=D]",
      pagemap(ArgumentSyntax::onMap, PagemapOperations::remapPages),
      MAPPING,
      5.5),
  UNMAP_PAGES(
      "unmap-pages P [dev=D]",
      pagemap(ArgumentSyntax::onMap, PagemapOperations::unmapPages),
      STATE,
      3.2),
  DEVICE_RELEASE(
      "device-release D",
      device(ArgumentSyntax::namedDevice, DeviceOperations::release),
      STATE,
      2.6),
  LOOKUP(
      "lookup N PFN [hint=N2]",
      pagemap(ArgumentSyntax::lookup, PagemapOperations::lookup),
      LOOKUP_COUNT,
      16.0),
  PUT("put N", pagemap(ArgumentSyntax::namedLookup, PagemapOperations::put), STATE, 3.2),
  PAGE("page PFN", pagemap(ArgumentSyntax::pfn, PagemapOperations::page), NOTHING, 16.0),
  PAGE_GET("page-get PFN", pagemap(ArgumentSyntax::pfn, PagemapOperations::pageGet), STATE, 3.2),
  PAGE_PUT("page-put PFN", pagemap(ArgumentSyntax::pfn, PagemapOperations::pagePut), STATE, 3.4),
  PAGE_INIT(
      "page-init PFN [ORDER]",
      pagemap(ArgumentSyntax::handOut, PagemapOperations::pageInit),
      STATE,
      3.4),
  MEMORY_FAILURE(
      "memory-failure PFN",
      pagemap(ArgumentSyntax::pfn, PagemapOperations::memoryFailure),
      STATE,
      2.6),
  FREE_REGION(
      "free-region START+SIZE SIZE [align=ALIGN] [dev=D]",
      device(ArgumentSyntax::freeRegion, DeviceOperations::freeRegion),
      STATE,
      2.8),
  ALTMAP("altmap P", pagemap(ArgumentSyntax::namedMap, PagemapOperations::altmap), NOTHING, 2.6);

  /** What operations work on; generated scenarios are about some of them. */
  public enum Subject {
    /** The machine that a scenario runs on. */
    MACHINE,
    /** Mappings, and how ranges overlap RAM. */
    MAPPING,
    /** References. */
    REFERENCE,
    /** Devices, page maps, lookups and pages. */
    PAGEMAP
  }

  private static final Map<String, Verb> BY_WORD =
      Arrays.stream(values())
          .collect(Collectors.toUnmodifiableMap(Verb::word, Function.identity()));

  private final Usage usage;
  private final Meaning<?> meaning;
  private final Effect effect;
  private final double weight;

  Verb(String usage, Meaning<?> meaning, Effect effect, double weight) {
    this.usage = Usage.of(usage);
    this.meaning = meaning;
    this.effect = effect;
    this.weight = weight;
  }

  /** The verb with this word. */
  public static Optional<Verb> of(String word) {
    return Optional.ofNullable(BY_WORD.get(word));
  }

  /** The verbs that work on this, in the table's order. */
  public static List<Verb> on(Subject subject) {
    return Arrays.stream(values()).filter(verb -> verb.subject() == subject).toList();
  }

  /** The word that an operation begins with. */
  public String word() {
    return usage.word();
  }

  /** The operation as a user writes it, its own word first; words in brackets can be left out. */
  public String usage() {
    return usage.text();
  }

  /** The fewest words that follow the operation's own. */
  public int fewestArguments() {
    return usage.fewest();
  }

  /** The most words that follow the operation's own. */
  public int mostArguments() {
    return usage.most();
  }

  /** The keys of its {@code KEY=VALUE} arguments, in the order of the usage. */
  List<String> keys() {
    return usage.keys();
  }

  /** Those of its keys that can be left out. */
  public List<String> optionalKeys() {
    return usage.optionalKeys();
  }

  /** What it works on. */
  public Subject subject() {
    return meaning.subject();
  }

  /** How often generated scenarios want it, as a share beside the other verbs'; 0 for never. */
  public double weight() {
    return weight;
  }

  Effect effect() {
    return effect;
  }

  /** Reads a statement that begins with this verb. */
  Operation read(Statement statement) {
    statement.expectArguments(usage);
    return new Operation(this, statement.line(), meaning.syntax().apply(statement));
  }

  Answer carryOut(MachineExecutor executor, Arguments arguments) {
    return meaning.carryOut(executor, arguments);
  }
}

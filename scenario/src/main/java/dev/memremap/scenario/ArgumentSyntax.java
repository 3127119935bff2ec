// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.page.MemoryType;
import dev.memremap.page.PagemapRange;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.scenario.Arguments.AltmapShare;
import dev.memremap.scenario.NameTable.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** How each shape of arguments is read. */
final class ArgumentSyntax {
  private static final Set<String> INIT_WORDS = Set.of("atomic", "dead", "reinit");

  private ArgumentSyntax() {}

  // ---- names and numbers -------------------------------------------------------------------

  static Arguments.Name newDevice(Statement s) {
    return new Arguments.Name(s.define(0, Kind.DEVICE));
  }

  static Arguments.Name namedDevice(Statement s) {
    return new Arguments.Name(s.use(0, Kind.DEVICE));
  }

  static Arguments.Name namedMapping(Statement s) {
    return new Arguments.Name(s.use(0, Kind.MAPPING));
  }

  static Arguments.Name namedRef(Statement s) {
    return new Arguments.Name(s.use(0, Kind.REF));
  }

  static Arguments.Name namedMap(Statement s) {
    return new Arguments.Name(s.use(0, Kind.PGMAP));
  }

  static Arguments.Name namedLookup(Statement s) {
    return new Arguments.Name(s.use(0, Kind.LOOKUP));
  }

  static Arguments.Pfn pfn(Statement s) {
    return new Arguments.Pfn(s.number(0));
  }

  // ---- machine -----------------------------------------------------------------------------

  static Arguments.Machine machine(Statement s) {
    List<Arguments.Machine.Setting> settings = new ArrayList<>();
    s.keyValues(1)
        .forEach(
            (key, value) ->
                settings.add(
                    new Arguments.Machine.Setting(key.text(), value.text(), key.column())));
    Word spec = s.argument(0);
    return new Arguments.Machine(spec.text(), spec.column(), settings);
  }

  // ---- mappings ----------------------------------------------------------------------------

  static Arguments.Extent region(Statement s) {
    return new Arguments.Extent(s.number(0), s.number(1));
  }

  static Arguments.Memremap memremap(Statement s) {
    return new Arguments.Memremap(
        s.define(0, Kind.MAPPING), s.number(1), s.number(2), flags(s, s.argument(3)));
  }

  static Arguments.Load load(Statement s) {
    return new Arguments.Load(s.use(0, Kind.MAPPING), s.number(1), s.width(2));
  }

  static Arguments.Store store(Statement s) {
    return new Arguments.Store(s.use(0, Kind.MAPPING), s.number(1), s.width(2), s.number(3));
  }

  /** A number, or flags' names joined by {@code |}. */
  private static long flags(Statement s, Word word) {
    if (!word.text().isEmpty() && Character.isDigit(word.text().charAt(0))) {
      return s.number(word);
    }
    long mask = 0;
    for (Word name : word.split('|')) {
      mask |= flag(s, name).bit();
    }
    return mask;
  }

  private static MemremapFlag flag(Statement s, Word name) {
    return Arrays.stream(MemremapFlag.values())
        .filter(flag -> flag.name().equals(name.text()))
        .findFirst()
        .orElseThrow(
            () ->
                s.error(
                    name,
                    name.quoted()
                        + " is not a flag: a number, or WB, WT, WC, ENC, DEC joined by '|'"));
  }

  // ---- references --------------------------------------------------------------------------

  static Arguments.Ref ref(Statement s) {
    String name = s.define(0, Kind.REF);
    Set<String> given = new HashSet<>();
    for (Word word : s.arguments().subList(1, s.arguments().size())) {
      if (!INIT_WORDS.contains(word.text())) {
        throw s.error(
            word, word.quoted() + " is not a reference's init flag: atomic, dead or reinit");
      }
      if (!given.add(word.text())) {
        throw s.error(word, "the init flag %s is given twice".formatted(word.text()));
      }
    }
    return new Arguments.Ref(
        name, given.contains("atomic"), given.contains("dead"), given.contains("reinit"));
  }

  static Arguments.Counted counted(Statement s) {
    return new Arguments.Counted(
        s.use(0, Kind.REF), s.arguments().size() == 1 ? 1 : s.count(s.argument(1)));
  }

  // ---- page maps ---------------------------------------------------------------------------

  static Arguments.Pgmap pgmap(Statement s) {
    KeyValues given = s.keyValues(1);
    Optional<String> ref = given.value("ref").map(word -> s.use(word, Kind.REF));
    return new Arguments.Pgmap(
        s.define(0, Kind.PGMAP),
        type(s, required(s, given, "type")),
        required(s, given, "range").split(',').stream().map(word -> range(s, word)).toList(),
        ref,
        given.value("altmap").map(word -> altmap(s, word)),
        given.value("ops").map(word -> callbacks(s, word)).orElse(Set.of()),
        given.value("owner").map(s::name),
        given.value("shift").map(s::number).orElse(0L));
  }

  private static Word required(Statement s, KeyValues given, String key) {
    return given
        .value(key)
        .orElseThrow(() -> s.error(s.words().getFirst(), "a page map needs the key " + key + "="));
  }

  private static Optional<MemoryType> type(Statement s, Word word) {
    if (word.text().equals("0")) {
      return Optional.empty();
    }
    return Optional.of(
        Arrays.stream(MemoryType.values())
            .filter(type -> type.name().equals(word.text()))
            .findFirst()
            .orElseThrow(
                () ->
                    s.error(
                        word,
                        word.quoted()
                            + " is not a type: 0, PRIVATE, COHERENT, FS_DAX, GENERIC or"
                            + " PCI_P2PDMA")));
  }

  /** START+SIZE, which may be empty or wrap around: what becomes of it is the contract's matter. */
  private static PagemapRange range(Statement s, Word word) {
    int plus = word.text().indexOf('+');
    if (plus < 0) {
      throw s.error(word, word.quoted() + " is not a range: START+SIZE");
    }
    return new PagemapRange(s.number(word.between(0, plus)), s.number(word.from(plus + 1)));
  }

  private static AltmapShare altmap(Statement s, Word word) {
    List<Word> parts = word.split(',');
    if (parts.size() != 2) {
      throw s.error(word, word.quoted() + " is not an altmap's share: RESERVE,FREE in pages");
    }
    return new AltmapShare(s.number(parts.get(0)), s.number(parts.get(1)));
  }

  private static Set<Arguments.Callback> callbacks(Statement s, Word word) {
    Set<Arguments.Callback> callbacks = EnumSet.noneOf(Arguments.Callback.class);
    for (Word name : word.split(',')) {
      Arguments.Callback callback =
          Arrays.stream(Arguments.Callback.values())
              .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(name.text()))
              .findFirst()
              .orElseThrow(
                  () ->
                      s.error(
                          name,
                          name.quoted()
                              + " is not a callback: page_free, migrate_to_ram or"
                              + " memory_failure"));
      if (!callbacks.add(callback)) {
        throw s.error(name, "the callback %s is given twice".formatted(name.text()));
      }
    }
    return callbacks;
  }

  static Arguments.OnMap onMap(Statement s) {
    return new Arguments.OnMap(
        s.use(0, Kind.PGMAP), s.keyValues(1).value("dev").map(word -> s.use(word, Kind.DEVICE)));
  }

  static Arguments.HandOut handOut(Statement s) {
    return new Arguments.HandOut(s.number(0), s.arguments().size() == 1 ? 0 : s.number(1));
  }

  static Arguments.FreeRegion freeRegion(Statement s) {
    KeyValues given = s.keyValues(2);
    Optional<Word> align = given.value("align");
    Optional<Word> device = given.value("dev");
    if (align.isPresent() && device.isPresent()) {
      throw s.error(device.get(), "a device manages only what is looked for without align=");
    }
    return new Arguments.FreeRegion(
        range(s, s.argument(0)),
        s.number(1),
        align.map(s::number),
        device.map(word -> s.use(word, Kind.DEVICE)));
  }

  static Arguments.Lookup lookup(Statement s) {
    Word name = s.argument(0);
    long pfn = s.number(1);
    Optional<Word> hint = s.keyValues(2).value("hint");
    if (hint.isPresent() && hint.get().text().equals(name.text())) {
      throw s.error(hint.get(), "the hint is an earlier lookup's name, not the one defined here");
    }
    Optional<String> earlier = hint.map(word -> s.use(word, Kind.LOOKUP));
    return new Arguments.Lookup(s.define(0, Kind.LOOKUP), pfn, earlier);
  }
}

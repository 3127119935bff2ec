// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static dev.memremap.scenario.NameTable.Kind.DEVICE;
import static dev.memremap.scenario.NameTable.Kind.LOOKUP;
import static dev.memremap.scenario.NameTable.Kind.PGMAP;
import static dev.memremap.scenario.NameTable.Kind.REF;

import dev.memremap.scenario.PagemapOperation.AltmapShare;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The syntax of the operations on page maps, lookups and pages. */
final class PagemapSyntax {
  private interface OnPfn {
    Operation make(int line, long pfn);
  }

  private interface OnMap {
    Operation make(int line, String name, Optional<String> device);
  }

  private static final Set<String> PGMAP_KEYS =
      new LinkedHashSet<>(List.of("type", "range", "ref", "altmap", "ops", "owner", "shift"));

  static final List<Verb> VERBS =
      List.of(
          new Verb(
              "pgmap P type=T range=START+SIZE[,START+SIZE…] [ref=R] [altmap=RESERVE,FREE]"
                  + " [ops=NAME[,NAME…]] [owner=NAME] [shift=N]",
              3,
              1 + PGMAP_KEYS.size(),
              PagemapSyntax::pgmap),
          onMap("remap-pages", PagemapOperation.RemapPages::new),
          onMap("unmap-pages", PagemapOperation.UnmapPages::new),
          new Verb("lookup N PFN [hint=N2]", 2, 3, PagemapSyntax::lookup),
          new Verb(
              "put N",
              1,
              1,
              (s, names) ->
                  new PagemapOperation.Put(s.line(), names.use(s, s.argument(0), LOOKUP))),
          onPfn("page", PagemapOperation.Page::new),
          onPfn("page-get", PagemapOperation.PageGet::new),
          onPfn("page-put", PagemapOperation.PagePut::new),
          new Verb(
              "altmap P",
              1,
              1,
              (s, names) ->
                  new PagemapOperation.Altmap(s.line(), names.use(s, s.argument(0), PGMAP))));

  private PagemapSyntax() {}

  private static Operation pgmap(Statement s, NameTable names) {
    KeyValues given = KeyValues.of(s, 1, PGMAP_KEYS);
    Optional<String> ref = given.value("ref").map(word -> names.use(s, word, REF));
    return new PagemapOperation.Pgmap(
        s.line(),
        names.define(s, s.argument(0), PGMAP),
        type(s, required(s, given, "type")),
        required(s, given, "range").split(',').stream().map(s::span).toList(),
        ref,
        given.value("altmap").map(word -> altmap(s, word)),
        given.value("ops").map(word -> callbacks(s, word)).orElse(Set.of()),
        given.value("owner").map(s::name),
        given.value("shift").map(s::number).orElse(0L));
  }

  private static Word required(Statement s, KeyValues given, String key) {
    return given
        .value(key)
        .orElseThrow(() -> s.error(s.verb(), "a page map needs the key " + key + "="));
  }

  private static PagemapOperation.Type type(Statement s, Word word) {
    return switch (word.text()) {
      case "0" -> PagemapOperation.Type.UNSET;
      case "PRIVATE" -> PagemapOperation.Type.PRIVATE;
      case "COHERENT" -> PagemapOperation.Type.COHERENT;
      case "FS_DAX" -> PagemapOperation.Type.FS_DAX;
      case "GENERIC" -> PagemapOperation.Type.GENERIC;
      case "PCI_P2PDMA" -> PagemapOperation.Type.PCI_P2PDMA;
      default ->
          throw s.error(
              word,
              word.quoted()
                  + " is not a type: 0, PRIVATE, COHERENT, FS_DAX, GENERIC or PCI_P2PDMA");
    };
  }

  private static AltmapShare altmap(Statement s, Word word) {
    List<Word> parts = word.split(',');
    if (parts.size() != 2) {
      throw s.error(word, word.quoted() + " is not an altmap's share: RESERVE,FREE in pages");
    }
    return new AltmapShare(s.number(parts.get(0)), s.number(parts.get(1)));
  }

  private static Set<PagemapOperation.Callback> callbacks(Statement s, Word word) {
    Set<PagemapOperation.Callback> callbacks = EnumSet.noneOf(PagemapOperation.Callback.class);
    for (Word name : word.split(',')) {
      PagemapOperation.Callback callback =
          switch (name.text()) {
            case "page_free" -> PagemapOperation.Callback.PAGE_FREE;
            case "migrate_to_ram" -> PagemapOperation.Callback.MIGRATE_TO_RAM;
            case "memory_failure" -> PagemapOperation.Callback.MEMORY_FAILURE;
            default ->
                throw s.error(
                    name,
                    name.quoted()
                        + " is not a callback: page_free, migrate_to_ram or memory_failure");
          };
      if (!callbacks.add(callback)) {
        throw s.error(name, "the callback %s is given twice".formatted(name.text()));
      }
    }
    return callbacks;
  }

  private static Operation lookup(Statement s, NameTable names) {
    Word name = s.argument(0);
    long pfn = s.number(s.argument(1));
    Optional<Word> hint = KeyValues.of(s, 2, Set.of("hint")).value("hint");
    if (hint.isPresent() && hint.get().text().equals(name.text())) {
      throw s.error(hint.get(), "the hint is an earlier lookup's name, not the one defined here");
    }
    Optional<String> earlier = hint.map(word -> names.use(s, word, LOOKUP));
    return new PagemapOperation.Lookup(s.line(), names.define(s, name, LOOKUP), pfn, earlier);
  }

  private static Verb onMap(String verb, OnMap operation) {
    return new Verb(
        verb + " P [dev=D]",
        1,
        2,
        (s, names) ->
            operation.make(
                s.line(),
                names.use(s, s.argument(0), PGMAP),
                KeyValues.of(s, 1, Set.of("dev"))
                    .value("dev")
                    .map(word -> names.use(s, word, DEVICE))));
  }

  private static Verb onPfn(String verb, OnPfn operation) {
    return new Verb(
        verb + " PFN", 1, 1, (s, names) -> operation.make(s.line(), s.number(s.argument(0))));
  }
}

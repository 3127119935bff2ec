// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import dev.memremap.testing.PublicApi;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The conditions on what the library exports. */
class PublicApiTest {
  private static final PublicApi API = PublicApi.of(Machine.class);
  private static final Path WRITTEN = Path.of("src/test/resources/api/core.txt");
  private static final int MAX_TYPES = 48;

  /**
   * Later work may add a type beyond the bound by naming it here, with the reason. Lookup and
   * PageHold: references that cannot be put twice need a type that is closed, since DevPagemap and
   * Page are shared by all their users (D-4). LeakException: a strict machine's close throws it,
   * and tests ask it for what leaked. NamespaceRequest, NamespacePlan and NamespaceLayout: a driver
   * of persistent memory has its altmap from them, and the command prints them. PageMapping: a page
   * without one is not poisoned (MF-3). KernelLine: what a plan says that a kernel logs. PlainText:
   * what the sentences of all modules show of the words of others.
   */
  private static final Set<String> ADDED_SINCE =
      Set.of(
          "dev.memremap.LeakException",
          "dev.memremap.Lookup",
          "dev.memremap.PageHold",
          "dev.memremap.nvdimm.NamespaceLayout",
          "dev.memremap.nvdimm.NamespacePlan",
          "dev.memremap.nvdimm.NamespaceRequest",
          "dev.memremap.page.PageMapping",
          "dev.memremap.rule.KernelLine",
          "dev.memremap.rule.PlainText");

  @Test
  @DisplayName("core's public API is as it is written down; -Dapi.update=true writes it anew")
  void isAsWritten() throws IOException {
    assertThat(API.differencesFrom(WRITTEN)).isEmpty();
  }

  @Test
  @DisplayName("a line that is written otherwise, and one that is not written down, are noticed")
  void aPlantedChangeIsNoticed() {
    List<String> written = new ArrayList<>(API.lines());
    String first = written.set(0, "public final class dev.memremap.Gadget");
    String last = written.removeLast();
    assertThat(PublicApi.changes(written, API.lines()))
        .containsExactly("- public final class dev.memremap.Gadget", "+ " + first, "+ " + last);
  }

  @Test
  @DisplayName("at most 48 exported top-level types outside spi, and those that were added since")
  void fewTypes() {
    List<String> types =
        API.types().stream()
            .filter(type -> type.getEnclosingClass() == null)
            .filter(type -> !type.getPackageName().equals("dev.memremap.spi"))
            .map(Class::getName)
            .toList();
    assertThat(types).as("each that was added is there").containsAll(ADDED_SINCE);
    assertThat(types).hasSizeLessThanOrEqualTo(MAX_TYPES + ADDED_SINCE.size());
  }

  @Test
  @DisplayName("no exported type shows one that is not exported, and none that can change a table")
  void nothingInternal() {
    assertThat(API.internal()).isEmpty();
  }

  @Test
  @DisplayName("no qualified exports: what a package exports, it exports to everyone")
  void noQualifiedExports() throws IOException {
    try (InputStream in = Files.newInputStream(API.root().resolve("module-info.class"))) {
      assertThat(qualified(ModuleDescriptor.read(in))).isEmpty();
    }
    ModuleDescriptor planted =
        ModuleDescriptor.newModule("planted")
            .exports("dev.memremap")
            .exports("dev.memremap.internal.space", Set.of("dev.memremap.linux"))
            .build();
    assertThat(qualified(planted)).containsExactly("dev.memremap.internal.space");
  }

  private static List<String> qualified(ModuleDescriptor module) {
    return module.exports().stream()
        .filter(ModuleDescriptor.Exports::isQualified)
        .map(ModuleDescriptor.Exports::source)
        .toList();
  }

  @Test
  @DisplayName("an exported type that names an internal one is noticed")
  void aPlantedInternalTypeIsNoticed() throws URISyntaxException {
    URI tests = PlantedApi.class.getProtectionDomain().getCodeSource().getLocation().toURI();
    PublicApi planted =
        new PublicApi(Path.of(tests), new TreeSet<>(Set.of(PlantedApi.class.getPackageName())));
    assertThat(planted.internal())
        .containsExactly(
            "  public abstract java.util.List<dev.memremap.internal.space.MappedRegion>"
                + " dev.memremap.house.PlantedApi.regions()");
  }
}

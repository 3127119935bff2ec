// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.nvdimm.NamespaceRequest;
import dev.memremap.resource.Memparse;
import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What {@code ndctl create-namespace} would be told, in its own words where it has some. */
final class NamespaceOptions {
  @Option(
      names = "--namespace",
      paramLabel = "fsdax|devdax",
      converter = ModeName.class,
      completionCandidates = ModeName.class,
      description =
          "Plan what 'ndctl create-namespace' of that mode leaves in a region of persistent memory:"
              + " the info block, the altmap, the data; or say why it is refused. SIZE or RANGE is"
              + " the region of one NVDIMM.")
  private Optional<NamespaceRequest.Mode> mode = Optional.empty();

  @Option(
      names = "--map",
      paramLabel = "mem|dev",
      converter = MapName.class,
      completionCandidates = MapName.class,
      description =
          "Where a namespace's page structures lie: in RAM, or in the namespace. Default: dev.")
  private Optional<NamespaceRequest.MapLocation> map = Optional.empty();

  @Option(
      names = "--labels",
      description = "The NVDIMM keeps labels, so that its region can be divided.")
  private boolean labels;

  @Option(
      names = "--size",
      paramLabel = "SIZE",
      converter = Words.Amount.class,
      description = "The size of a namespace, with --labels. Default: what the region has.")
  private Optional<Long> size = Optional.empty();

  @Option(
      names = "--align",
      paramLabel = "SIZE",
      converter = Words.Amount.class,
      description =
          "What mappings of a namespace are aligned to: a page, 2M or 1G with pages of 4K."
              + " Default: 2M, or a page where the region is not aligned to 2M.")
  private Optional<Long> align = Optional.empty();

  @Option(
      names = "--region-align",
      paramLabel = "SIZE",
      converter = Words.Amount.class,
      description =
          "What was written to the region's file 'align' in sysfs. Default: 16M, or a page where"
              + " the region is smaller.")
  private Optional<Long> regionAlign = Optional.empty();

  /** The name of a mode. */
  static final class ModeName implements ITypeConverter<NamespaceRequest.Mode>, Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(NamespaceRequest.Mode.values()).map(NamespaceOptions::name).iterator();
    }

    @Override
    public NamespaceRequest.Mode convert(String text) {
      return switch (text) {
        case "fsdax" -> NamespaceRequest.Mode.FSDAX;
        case "devdax" -> NamespaceRequest.Mode.DEVDAX;
        default ->
            throw new TypeConversionException(
                "'%s' is not a mode with page structures; write fsdax or devdax".formatted(text));
      };
    }
  }

  /** The name of a place for page structures. */
  static final class MapName
      implements ITypeConverter<NamespaceRequest.MapLocation>, Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(NamespaceRequest.MapLocation.values())
          .map(NamespaceOptions::name)
          .iterator();
    }

    @Override
    public NamespaceRequest.MapLocation convert(String text) {
      return switch (text) {
        case "mem" -> NamespaceRequest.MapLocation.MEM;
        case "dev" -> NamespaceRequest.MapLocation.DEV;
        default ->
            throw new TypeConversionException(
                "'%s' is not a place for page structures; write mem or dev".formatted(text));
      };
    }
  }

  /** Whether a namespace is asked for. */
  boolean isGiven() {
    return mode.isPresent();
  }

  /** The options that were given and have no effect without {@code --namespace}. */
  List<String> idle() {
    List<String> given = new ArrayList<>();
    map.ifPresent(value -> given.add("--map"));
    size.ifPresent(value -> given.add("--size"));
    align.ifPresent(value -> given.add("--align"));
    regionAlign.ifPresent(value -> given.add("--region-align"));
    if (labels) {
      given.add("--labels");
    }
    return isGiven() ? List.of() : given;
  }

  /**
   * What is asked of ndctl.
   *
   * @throws IllegalArgumentException if a size or an alignment is 0
   */
  NamespaceRequest request(PhysRange region) {
    return NamespaceRequest.of(region, mode.orElseThrow())
        .map(map.orElse(NamespaceRequest.MapLocation.DEV))
        .labels(labels)
        .size(given("--size", size))
        .align(given("--align", align))
        .regionAlign(given("--region-align", regionAlign));
  }

  private static long given(String option, Optional<Long> bytes) {
    if (bytes.filter(value -> value == 0).isPresent()) {
      throw new IllegalArgumentException(option + " 0: write a size, such as 2M");
    }
    return bytes.orElse(0L);
  }

  /** How a request differs from the one that was asked for, as arguments of the command. */
  static String difference(NamespaceRequest asked, NamespaceRequest other, boolean hasStart) {
    List<String> words = new ArrayList<>();
    if (!other.region().equals(asked.region())) {
      words.add(region(other.region(), hasStart));
    }
    if (other.labels() && !asked.labels()) {
      words.add("--labels");
    }
    changed(words, "--size", asked.sizeBytes(), other.sizeBytes());
    changed(words, "--align", asked.alignBytes(), other.alignBytes());
    changed(words, "--region-align", asked.regionAlignBytes(), other.regionAlignBytes());
    return String.join(" ", words);
  }

  private static void changed(List<String> words, String option, long asked, long other) {
    if (asked != other) {
      words.add(other == 0 ? "no " + option : option + " " + Memparse.format(other));
    }
  }

  /** A region as the command takes it. */
  static String region(PhysRange region, boolean hasStart) {
    String bytes = Memparse.format(region.sizeBytes());
    return hasStart ? "0x%x+%s".formatted(region.start(), bytes) : bytes;
  }

  /** The name of a mode or a place, as ndctl writes it. */
  static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}

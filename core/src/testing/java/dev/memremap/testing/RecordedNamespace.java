// SPDX-License-Identifier: Apache-2.0
package dev.memremap.testing;

import dev.memremap.nvdimm.NamespaceLayout;
import dev.memremap.nvdimm.NamespacePlan;
import dev.memremap.nvdimm.NamespaceRequest;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.VmemAltmap;
import dev.memremap.resource.Memparse;
import dev.memremap.resource.PhysRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A row of {@code nvdimm/ndctl.tsv}: a namespace that {@code ndctl create-namespace} was asked for
 * in a guest, and what it and the kernel then said.
 *
 * @param name of the case
 * @param nvdimm which NVDIMM of which guest, and where: {@code GUEST:NAME}
 * @param region the region's bytes
 * @param labelBytes the room for labels behind the region, 0 for none
 * @param regionAlign what was written to the region's file {@code align}; 0 for nothing
 * @param arguments those of ndctl, the region or namespace apart
 * @param answer what it left, as {@link #planned} writes it
 * @param said what ndctl or the kernel's log said of a refusal
 */
public record RecordedNamespace(
    String name,
    String nvdimm,
    PhysRange region,
    long labelBytes,
    long regionAlign,
    String arguments,
    String answer,
    String said) {
  private static final int COLUMNS = 8;

  /** All rows of a file, its lines that begin with {@code #} left out. */
  public static List<RecordedNamespace> read(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .filter(line -> !line.startsWith("#"))
        .map(RecordedNamespace::parse)
        .toList();
  }

  private static RecordedNamespace parse(String line) {
    String[] columns = line.split("\t", -1);
    if (columns.length != COLUMNS) {
      throw new IllegalArgumentException("not " + COLUMNS + " columns: " + line);
    }
    return new RecordedNamespace(
        columns[0],
        columns[1],
        PhysRange.of(
            Memparse.parse(columns[2].replaceFirst("\\+.*", "")),
            Memparse.parse(columns[2].replaceFirst(".*\\+", ""))),
        Memparse.parse(columns[3]),
        Memparse.parse(columns[4]),
        columns[5],
        columns[6],
        columns[7]);
  }

  /** This row with another answer. */
  public RecordedNamespace answering(String other, String why) {
    return new RecordedNamespace(
        name, nvdimm, region, labelBytes, regionAlign, arguments, other, why);
  }

  /** The row as the file has it. */
  public String toLine() {
    return String.join(
        "\t",
        name,
        nvdimm,
        "0x%x+%s".formatted(region.start(), Memparse.format(region.sizeBytes())),
        Memparse.format(labelBytes),
        Memparse.format(regionAlign),
        arguments,
        answer,
        said);
  }

  /** What our plan is asked for in the words of ndctl's arguments. */
  public NamespaceRequest request() {
    NamespaceRequest.Mode mode =
        NamespaceRequest.Mode.valueOf(option("-m").orElseThrow().toUpperCase(Locale.ROOT));
    return NamespaceRequest.of(region, mode)
        .labels(labelBytes != 0)
        .map(
            option("-M").orElse("dev").equals("mem")
                ? NamespaceRequest.MapLocation.MEM
                : NamespaceRequest.MapLocation.DEV)
        .size(option("-s").map(Memparse::parse).orElse(0L))
        .align(option("-a").map(Memparse::parse).orElse(0L))
        .regionAlign(regionAlign);
  }

  private boolean isForced() {
    return List.of(arguments.split(" ")).contains("-f");
  }

  private Optional<String> option(String name) {
    List<String> words = List.of(arguments.split(" "));
    int at = words.indexOf(name);
    return at < 0 ? Optional.empty() : Optional.of(words.get(at + 1));
  }

  /** Our plan's answer, in the words of the file. */
  public String planned() {
    NamespacePlan plan = NamespacePlan.of(request(), 4096);
    if (!plan.isGranted()) {
      return "refused " + plan.refusal().orElseThrow().errno();
    }
    if (plan.needsForce() && !isForced()) {
      return "refused EINVAL";
    }
    NamespaceLayout layout = plan.layout().orElseThrow();
    DevPagemap map = plan.pagemap().build();
    return "namespace=0x%x+0x%x region_align=0x%x align=%d dataoff=%d npfns=%d start_pad=%d end_trunc=%d data=0x%x size=%d mapped=0x%x-0x%x type=%s shift=%d altmap=%s"
        .formatted(
            layout.namespace().start(),
            layout.namespace().sizeBytes(),
            plan.regionAlignBytes(),
            layout.alignBytes(),
            layout.dataOffset(),
            layout.pages(),
            layout.startPad(),
            layout.endTrunc(),
            layout.data().start(),
            layout.data().sizeBytes(),
            layout.mapped().start(),
            layout.mapped().endInclusive(),
            map.type().orElseThrow(),
            map.vmemmapShift(),
            layout.altmap().map(RecordedNamespace::text).orElse("none"));
  }

  private static String text(NamespaceLayout.Altmap altmap) {
    VmemAltmap.Used used = altmap.used().orElseThrow();
    return "base:0x%x,reserve:%d,free:%d,align:%d,alloc:%d"
        .formatted(altmap.basePfn(), altmap.reserve(), altmap.free(), used.align(), used.alloc());
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static dev.memremap.machine.MemEncryption.NONE;
import static dev.memremap.machine.MemEncryption.SME;
import static dev.memremap.machine.MemEncryption.TDX;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.internal.space.ResourceTree;
import dev.memremap.machine.MachineDescription;
import dev.memremap.machine.MemEncryption;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceDesc;
import dev.memremap.resource.ResourceFlags;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * MR-9, IO-4 and the clause "Encryption" of the contract, written down row by row: which mapping is
 * encrypted, and which shows memory through another attribute than its own.
 */
class EncryptionTableTest {
  private static final PhysRange NODE = PhysRange.of(0x3000, 0x4000);

  /** The flags of a request, and whether it asks for WB without DEC, which MR-9 encrypts. */
  private enum Flags {
    WB(true),
    WB_ENC(true),
    WB_DEC(false),
    WB_ENC_DEC(false),
    WT(false),
    WT_ENC(false),
    WT_DEC(false),
    WC(false),
    WC_ENC(false),
    WC_DEC(false);

    private final boolean encryptedByMr9;

    Flags(boolean encryptedByMr9) {
      this.encryptedByMr9 = encryptedByMr9;
    }

    MemremapFlag[] flags() {
      return Stream.of(name().split("_")).map(MemremapFlag::valueOf).toArray(MemremapFlag[]::new);
    }
  }

  /** IO-4 names two descriptors that say nothing; written down, not asked of the library. */
  private static final Set<ResourceDesc> SAYING_NOTHING =
      Set.of(ResourceDesc.NONE, ResourceDesc.RESERVED);

  private static RemapPlan.Grant grant(
      MemEncryption encryption, PhysRange range, Flags flags, Resource... nodes) {
    ResourceTree tree =
        ResourceTree.of(Resource.memoryRoot(), PageGeometry.X86_64, KernelRules.LINUX_6_1);
    for (Resource node : nodes) {
      tree.insertResource(tree.snapshot().root(), node);
    }
    try (Machine machine =
        Machine.simulated(
            MachineDescription.of(tree.snapshot().root())
                .with("mtrr-uc", "0xf0000000+4K")
                .with("kernel", "6.18")
                .with("mem-encrypt", encryption.id()))) {
      RemapPlan plan = machine.explain(range, flags.flags());
      assertThat(plan.isGranted()).as(plan.sentence()).isTrue();
      return plan.grant();
    }
  }

  private static Resource node(PhysRange range, boolean busy, ResourceDesc desc) {
    long flags = ResourceFlags.MEM | (busy ? ResourceFlags.BUSY : 0);
    return Resource.of(range, "something", flags, desc);
  }

  static Stream<Arguments> everyNode() {
    List<Arguments> rows = new ArrayList<>();
    for (MemEncryption encryption : MemEncryption.values()) {
      for (ResourceDesc desc : ResourceDesc.values()) {
        for (boolean busy : new boolean[] {false, true}) {
          for (Flags flags : Flags.values()) {
            boolean described = busy && !SAYING_NOTHING.contains(desc);
            boolean expected = encryption == TDX && (flags.encryptedByMr9 || described);
            rows.add(Arguments.of(encryption, desc, busy, flags, expected));
          }
        }
      }
    }
    return rows.stream();
  }

  @ParameterizedTest(name = "{0}: {1}, busy {2}, {3}: encrypted {4}")
  @MethodSource("everyNode")
  @DisplayName("MR-9, IO-4 each descriptor, busy or not, on each kind of machine, with each flag")
  void everyDescriptor(
      MemEncryption encryption, ResourceDesc desc, boolean busy, Flags flags, boolean expected) {
    RemapPlan.Grant grant = grant(encryption, NODE, flags, node(NODE, busy, desc));
    assertThat(grant.direct()).isFalse();
    assertThat(grant.encrypted()).isEqualTo(expected);
  }

  @ParameterizedTest(name = "the mapping is {0}+{1}: encrypted {2}")
  @CsvSource({
    "0x2000, 0x1000, false",
    "0x2000, 0x1001, true",
    "0x2fff, 1, false",
    "0x2fff, 2, true",
    "0x3000, 1, true",
    "0x5000, 0x10, true",
    "0x6fff, 1, true",
    "0x6fff, 0x1000, true",
    "0x7000, 1, false",
    "0x7000, 0x1000, false",
    "0x2000, 0x8000, true",
  })
  @DisplayName("IO-4 one byte of a busy, described resource makes a guest's mapping encrypted")
  void edges(String start, String size, boolean expected) {
    PhysRange range = PhysRange.parse(start + "+" + size);
    Resource node = node(NODE, true, ResourceDesc.ACPI_TABLES);
    for (Flags flags : List.of(Flags.WC, Flags.WT, Flags.WB_DEC)) {
      assertThat(grant(TDX, range, flags, node).encrypted()).as("%s", flags).isEqualTo(expected);
      assertThat(grant(SME, range, flags, node).encrypted()).isFalse();
      assertThat(grant(NONE, range, flags, node).encrypted()).isFalse();
    }
  }

  // what lies in what: the outer one is 0x3000-0x6fff, the inner one 0x4000-0x4fff
  @ParameterizedTest(name = "{0} busy {1} around {2} busy {3}: at 0x4000 {4}, at 0x5000 {5}")
  @CsvSource({
    "NONE, false, ACPI_TABLES, true, true, false",
    "RESERVED, false, ACPI_TABLES, true, true, false",
    "RESERVED, true, ACPI_TABLES, true, true, false",
    "ACPI_TABLES, true, NONE, false, true, true",
    "ACPI_TABLES, true, RESERVED, true, true, true",
    "CXL, false, PERSISTENT_MEMORY, true, true, false",
    "CXL, false, PERSISTENT_MEMORY, false, false, false",
    "CXL, true, PERSISTENT_MEMORY, false, true, true",
    "RESERVED, true, RESERVED, true, false, false",
    "NONE, true, NONE, true, false, false",
  })
  @DisplayName("IO-4 a busy, described resource counts at whatever depth it lies")
  void nested(
      ResourceDesc outer,
      boolean outerBusy,
      ResourceDesc inner,
      boolean innerBusy,
      boolean atInner,
      boolean besideInner) {
    Resource[] nodes = {
      node(NODE, outerBusy, outer), node(PhysRange.of(0x4000, 0x1000), innerBusy, inner)
    };
    assertThat(grant(TDX, PhysRange.of(0x4000, 1), Flags.WC, nodes).encrypted()).isEqualTo(atInner);
    assertThat(grant(TDX, PhysRange.of(0x5000, 1), Flags.WC, nodes).encrypted())
        .isEqualTo(besideInner);
  }

  private static final String NAMED =
      """
      # phys-bits=40
      # mtrr-uc=0xf0000000+4K
      00100000-0fffffff : System RAM
        01000000-010fffff : Kernel code
        02000000-020fffff : Crash kernel
      10000000-100fffff : Reserved
      11000000-110fffff : ACPI Tables
      12000000-120fffff : ACPI Non-volatile Storage
      13000000-130fffff : Unusable memory
      14000000-140fffff : Persistent Memory
        14000000-1407ffff : namespace0.0
      15000000-150fffff : Persistent Memory (legacy)
      16000000-160fffff : Soft Reserved
        16000000-1607ffff : dax0.0
      17000000-170fffff : CXL Window 0
      18000000-180fffff : PCI Bus 0000:00
        18000000-1807ffff : 0000:00:02.0
      19000000-190fffff : RAM buffer
      """;

  // E: the mapping is encrypted, P: it is plain; t: it shows memory through the other attribute;
  // X: refused
  @ParameterizedTest(name = "{0} at {1}: sme {2} {3} {4}, tdx {5} {6} {7}")
  @CsvSource({
    // what, where, then WB, WB|DEC, WC of a host with SME, then of a guest
    "System RAM, 08000000, E, X, X, E, X, X",
    // the kernel's own pages are reserved RAM, which WB|DEC maps anew
    "Kernel code, 01000000, E, Pt, X, E, Pt, X",
    "Reserved, 10000000, P, P, P, E, Pt, Pt",
    "ACPI Tables, 11000000, P, P, P, E, E, E",
    "ACPI Non-volatile Storage, 12000000, P, P, P, E, E, E",
    "Unusable memory, 13000000, P, P, P, E, Pt, Pt",
    "Persistent Memory, 14080000, P, P, P, Et, P, P",
    "namespace0.0, 14000000, P, P, P, Et, Et, Et",
    "Persistent Memory (legacy), 15000000, P, P, P, Et, P, P",
    "Soft Reserved, 16080000, P, P, P, Et, P, P",
    "dax0.0, 16000000, P, P, P, Et, Et, Et",
    "CXL Window 0, 17000000, P, P, P, Et, P, P",
    "PCI Bus 0000:00, 18080000, P, P, P, Et, P, P",
    "0000:00:02.0, 18000000, P, P, P, Et, P, P",
    "RAM buffer, 19000000, P, P, P, Et, P, P",
    "a hole, 20000000, P, P, P, Et, P, P",
  })
  @DisplayName(
      "MR-9, IO-4, ENC-2, ENC-4 what each name of /proc/iomem means for a host and for a guest")
  void names(
      String what,
      String where,
      String smeWb,
      String smeDec,
      String smeWc,
      String tdxWb,
      String tdxDec,
      String tdxWc) {
    PhysRange range = PhysRange.of(Long.parseLong(where, 16), 4096);
    String[][] expected = {{smeWb, smeDec, smeWc}, {tdxWb, tdxDec, tdxWc}, {"P", "P", "P"}};
    MemEncryption[] kinds = {SME, TDX, NONE};
    Flags[] asked = {Flags.WB, Flags.WB_DEC, Flags.WC};
    for (int i = 0; i < kinds.length; i++) {
      try (Machine machine = Machine.simulated(named("6.18", kinds[i]))) {
        for (int j = 0; j < asked.length; j++) {
          boolean ram = what.equals("System RAM") || what.equals("Kernel code");
          boolean ramAnew = kinds[i] == NONE && ram && asked[j] == Flags.WC;
          assertThat(answer(machine, range, asked[j].flags()))
              .as("%s of %s at 0x%s, %s", asked[j], what, where, kinds[i])
              .isEqualTo(ramAnew ? "X" : expected[i][j]);
        }
      }
    }
  }

  private static MachineDescription named(String kernel, MemEncryption encryption) {
    return MachineDescription.parse(NAMED)
        .with("kernel", kernel)
        .with("mem-encrypt", encryption.id());
  }

  @ParameterizedTest(name = "{0} at {1}: {2}")
  @CsvSource({
    "System RAM, 08000000, E",
    "Kernel code, 01000000, E",
    "Reserved, 10000000, Pt",
    "ACPI Tables, 11000000, E",
    "ACPI Non-volatile Storage, 12000000, E",
    "Unusable memory, 13000000, Pt",
    "Persistent Memory, 14080000, P",
    "namespace0.0, 14000000, Et",
    "PCI Bus 0000:00, 18080000, P",
    "a hole, 20000000, P",
  })
  @DisplayName(
      "MR-9, IO-4 to 6.14 WB of a guest is plain, but for RAM and busy described resources")
  void older(String what, String where, String expected) {
    PhysRange range = PhysRange.of(Long.parseLong(where, 16), 4096);
    for (String kernel : List.of("5.10", "6.1", "6.14")) {
      try (Machine machine = Machine.simulated(named(kernel, TDX))) {
        assertThat(answer(machine, range, MemremapFlag.WB))
            .as("%s with Linux %s", what, kernel)
            .isEqualTo(expected);
      }
      try (Machine machine = Machine.simulated(named(kernel, SME))) {
        assertThat(answer(machine, range, MemremapFlag.WB))
            .as("%s on a host with Linux %s", what, kernel)
            .isEqualTo(expected.startsWith("E") && where.startsWith("0") ? "E" : "P");
      }
    }
  }

  private static String answer(Machine machine, PhysRange range, MemremapFlag... flags) {
    if (!machine.explain(range, flags).isGranted()) {
      return "X";
    }
    try (Mapping mapping = machine.memremap(range, flags)) {
      return (mapping.isEncrypted() ? "E" : "P") + (mapping.isTransformedView() ? "t" : "");
    }
  }

  @ParameterizedTest
  @EnumSource(MemEncryption.class)
  @DisplayName("a mapping has the attribute that its plan says, and so has one made by a device")
  void asPlanned(MemEncryption encryption) {
    try (Machine machine = Machine.simulated(named("6.18", encryption))) {
      Device device = machine.newDevice("d");
      for (long start = 0x10000000; start <= 0x20000000; start += 0x1000000) {
        for (Flags flags : Flags.values()) {
          PhysRange range = PhysRange.of(start, 64);
          boolean planned = machine.explain(range, flags.flags()).grant().encrypted();
          try (Mapping own = machine.memremap(range, flags.flags());
              Mapping managed = device.memremap(range, flags.flags())) {
            assertThat(own.isEncrypted()).as("%s at %s", flags, range).isEqualTo(planned);
            assertThat(managed.isEncrypted()).isEqualTo(planned);
            assertThat(managed.isTransformedView()).isEqualTo(own.isTransformedView());
          }
        }
      }
    }
  }
}

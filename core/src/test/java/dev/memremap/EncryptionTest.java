// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static dev.memremap.Machines.PMEM;
import static dev.memremap.Machines.RAM;
import static dev.memremap.plan.MemremapFlag.DEC;
import static dev.memremap.plan.MemremapFlag.ENC;
import static dev.memremap.plan.MemremapFlag.WB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.internal.crypt.XtsCipher;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** ENC and DEC: what a machine that encrypts memory allows, and what its bytes look like then. */
class EncryptionTest {
  private static final byte[] KEY =
      "0123456789abcdef0123456789ABCDEF".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
  private static final PhysRange CODE = PhysRange.of(0x1000000, 4096);
  private static final PhysRange RESERVED = PhysRange.of(0x5e000000, 4096);

  private static Machine machine(String encryption) {
    return Machine.builder(
            Machines.qemu()
                .with("kernel", "6.18")
                .with("mem-encrypt", encryption)
                .withBootData(List.of(PhysRange.of(0x300000, 0x100))))
        .encryptionKey(KEY)
        .build();
  }

  @Test
  @DisplayName("ENC-1 SME: the direct map serves WB and WB|ENC, and DEC finds nothing to map it")
  void smeRam() {
    try (Machine machine = machine("sme")) {
      PhysRange ram = PhysRange.of(RAM, 4096);
      assertThat(machine.memremap(ram, WB).isEncrypted()).isTrue();
      assertThat(machine.memremap(ram, WB, ENC).isDirectMap()).isTrue();
      assertThat(machine.memremap(ram, WB, ENC, DEC).isDirectMap()).as("ENC wins").isTrue();
      MemremapException e =
          catchThrowableOfType(MemremapException.class, () -> machine.memremap(ram, WB, DEC));
      assertThat(e.rule().id()).isEqualTo("MR-5");
    }
  }

  @Test
  @DisplayName(
      "ENC-3 SME: the kernel's own pages seen with DEC are AES-XTS ciphertext, and written back through it")
  void decOnTheKernelsImage() {
    try (Machine machine = machine("sme");
        Mapping plain = machine.memremap(CODE, WB);
        Mapping raw = machine.memremap(CODE, WB, DEC)) {
      assertThat(plain.isTransformedView()).isFalse();
      assertThat(raw.isTransformedView()).isTrue();
      assertThat(raw.isEncrypted()).isFalse();
      XtsCipher cipher = XtsCipher.withKey(KEY);
      assertThat(bytes(raw.segment())).isEqualTo(cipher.encrypt(CODE.start(), new byte[4096]));

      // what was stored since is seen by a new view only: the two are coherent at force and close
      plain.store(32, 64, 0x1122334455667788L);
      assertThat(bytes(raw.segment())).isEqualTo(cipher.encrypt(CODE.start(), new byte[4096]));
      try (Mapping later = machine.memremap(CODE, WB, DEC)) {
        assertThat(bytes(later.segment()))
            .isEqualTo(cipher.encrypt(CODE.start(), bytes(plain.segment())));
      }

      byte[] hello = new byte[16];
      hello[0] = 'h';
      raw.segment()
          .asSlice(64, 16)
          .copyFrom(MemorySegment.ofArray(cipher.encrypt(CODE.start() + 64, hello)));
      assertThat(plain.load(64, 8)).as("not before force").isZero();
      raw.force();
      assertThat(plain.load(64, 8)).isEqualTo('h');
      assertThat(plain.load(32, 64))
          .as("a block not touched through the view is kept")
          .isEqualTo(0x1122334455667788L);
    }
  }

  @Test
  @DisplayName("close writes a view back as force does")
  void closeWritesBack() {
    try (Machine machine = machine("sme");
        Mapping plain = machine.memremap(CODE, WB)) {
      try (Mapping raw = machine.memremap(CODE, WB, DEC)) {
        raw.store(0, 64, 0);
      }
      byte[] zeroBlock = bytes(plain.segment());
      byte[] view = XtsCipher.withKey(KEY).encrypt(CODE.start(), zeroBlock);
      assertThat(MemorySegment.ofArray(view).get(ValueLayout.JAVA_LONG_UNALIGNED, 0)).isZero();
    }
  }

  @Test
  @DisplayName(
      "ENC-5 SME: the direct map serves what the firmware left plain only with ENC, which deciphers it")
  void bootData() {
    try (Machine machine = machine("sme")) {
      PhysRange boot = PhysRange.of(0x300000, 64);
      assertThat(machine.explain(boot.start(), 4096, WB.bit()).isGranted()).isFalse();
      try (Mapping enc = machine.memremap(boot, WB, ENC)) {
        assertThat(enc.isDirectMap()).isTrue();
        assertThat(bytes(enc.segment()))
            .isEqualTo(XtsCipher.withKey(KEY).decrypt(boot.start(), new byte[64]));
      }
      assertThat(machine.explain(0x300100, 64, 1).isGranted()).as("past its end").isTrue();
    }
  }

  @Test
  @DisplayName(
      "MR-9 TDX: WB outside RAM is encrypted unless DEC is given; private memory is plain to the one, shared to the other")
  void guest() {
    try (Machine machine = machine("tdx");
        Mapping own = machine.memremap(RESERVED, WB);
        Mapping shared = machine.memremap(RESERVED, WB, DEC);
        Mapping device = machine.memremap(PhysRange.of(PMEM, 64), WB, DEC)) {
      assertThat(own.isEncrypted()).isTrue();
      assertThat(own.isTransformedView()).isFalse();
      assertThat(shared.isEncrypted()).isFalse();
      assertThat(shared.isTransformedView()).isTrue();
      assertThat(device.isTransformedView()).as("persistent memory is shared").isFalse();
      try (Mapping wrong = machine.memremap(PhysRange.of(PMEM, 64), WB)) {
        assertThat(wrong.isTransformedView()).isTrue();
      }
      assertThat(bytes(own.segment())).containsOnly(0);
    }
  }

  @Test
  @DisplayName("on a machine that does not encrypt, ENC and DEC change nothing")
  void none() {
    try (Machine machine = machine("none");
        Mapping mapping = machine.memremap(PhysRange.of(RAM, 4096), WB, DEC)) {
      assertThat(mapping.isDirectMap()).isTrue();
      assertThat(mapping.isEncrypted()).isFalse();
    }
  }

  private static byte[] bytes(MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_BYTE);
  }
}

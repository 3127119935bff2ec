// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The test double itself: it keeps its books, and reports what contradicts them, without -ea. */
class FaultySyscallsTest {
  private final FaultySyscalls calls = new FaultySyscalls();

  @Test
  @DisplayName("a descriptor is in the books until it is closed; closing it again is an error")
  void descriptors() {
    int fd = calls.open("/dev/zero", Posix.O_RDWR);
    assertThat(calls.openDescriptors()).containsExactly(fd);
    assertThat(calls.close(fd)).isZero();
    assertThat(calls.openDescriptors()).isEmpty();
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> calls.close(fd))
        .withMessageContaining("closed twice");
  }

  @Test
  @DisplayName("a mapping is in the books until exactly its length is unmapped")
  void mappings() {
    int fd = calls.open("/dev/zero", Posix.O_RDWR);
    long address = calls.mmap(8192, Posix.PROT_READ, Posix.MAP_SHARED, fd, 0);
    assertThat(calls.mappedAddresses()).containsExactly(address);
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> calls.munmap(address, 4096))
        .withMessageContaining("never mapped so");
    assertThat(calls.mappedAddresses()).containsExactly(address);
    assertThat(calls.munmap(address, 8192)).isZero();
    assertThat(calls.mappedAddresses()).isEmpty();
    calls.close(fd);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import dev.memremap.plan.MemremapFlag;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a write says of itself where something else is read back, as of a register. */
class WrittenTest {
  private final Machine machine =
      Machine.simulated(MachineDescription.parse("# arch=x86_64\nd0000000-d0000fff : Reserved\n"));
  private final Where.Spot spot = Where.parse("0xd0000010+4").on(machine);

  @AfterEach
  void close() {
    machine.close();
  }

  private Written written(boolean numbers, byte... found) {
    byte[] wanted = {1, 0, 0, 0};
    return new Written(spot, new AccessOptions(), false, new Written.Check(wanted, found, numbers));
  }

  @Test
  @DisplayName("another value is printed, and is not as written")
  void another() {
    try (Window window = new Window.OfMemory(machine.memremap(spot.range(), MemremapFlag.WC))) {
      Written number = written(true, (byte) 1, (byte) 0, (byte) 0x80, (byte) 0);
      assertThat(number.isAsWritten()).isFalse();
      assertThat(number.lines(window))
          .last()
          .isEqualTo("read back 0x00800001, expected 0x00000001");
      JsonNode json = Schemas.check(number.toJson(window));
      assertThat(json.get("asWritten").asBoolean()).isFalse();
      assertThat(json.get("readBack").get(0).asString()).isEqualTo("0x00800001");
      assertThat(written(false, (byte) 1, (byte) 0, (byte) 9, (byte) 0).lines(window))
          .last()
          .isEqualTo("read back other bytes from 0xd0000012 on");
      assertThat(written(true, (byte) 1, (byte) 0, (byte) 0, (byte) 0).isAsWritten()).isTrue();
    }
  }

  @Test
  @DisplayName("only where memory is kept is it on the media")
  void media() {
    try (Window window = new Window.OfMemory(machine.memremap(spot.range(), MemremapFlag.WC))) {
      // without --machine the options are those of this computer
      assertThat(new Written(spot, new AccessOptions(), true, null).lines(window))
          .containsExactly("4 bytes written at 0xd0000010-0xd0000013, WC, on the media");
      assertThat(new Written(spot, new AccessOptions(), false, null).lines(window))
          .containsExactly("4 bytes written at 0xd0000010-0xd0000013, WC");
    }
  }
}

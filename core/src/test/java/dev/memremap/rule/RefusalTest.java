// SPDX-License-Identifier: Apache-2.0
package dev.memremap.rule;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RefusalTest {
  private static final Refusal TAKEN =
      new Refusal(Errno.EBUSY, Rule.MT_8, "0x1000-0x1fff is mapped WB");

  @Test
  @DisplayName("a refusal says its sentence, its rule and its errno, in one line")
  void text() {
    assertThat(TAKEN).hasToString("0x1000-0x1fff is mapped WB [MT-8, EBUSY]");
    assertThat(TAKEN.saying("ioremap: " + TAKEN.sentence()))
        .isEqualTo(new Refusal(Errno.EBUSY, Rule.MT_8, "ioremap: 0x1000-0x1fff is mapped WB"));
  }

  @Test
  @DisplayName("an attempt has a refusal exactly if it is refused")
  void attempts() {
    Attempt refused = new Attempt.Refused("WB", TAKEN);
    assertThat(refused.refusal()).contains(TAKEN);
    assertThat(refused.rule()).isEqualTo(Rule.MT_8);
    assertThat(refused).hasToString("WB refused: 0x1000-0x1fff is mapped WB [MT-8, EBUSY]");
    List<Attempt> others =
        List.of(
            new Attempt.Granted("WT", Rule.MT_5, "nothing else maps the range"),
            new Attempt.NotNeeded("WC", Rule.W_2, "WT succeeds before it"),
            new Attempt.NotTried("WC", Rule.MR_3, "a mixed range fails before any mode"));
    assertThat(others).allMatch(attempt -> attempt.refusal().isEmpty());
    assertThat(others)
        .extracting(Object::toString)
        .containsExactly(
            "WT granted: nothing else maps the range [MT-5]",
            "WC not needed: WT succeeds before it [W-2]",
            "WC not tried: a mixed range fails before any mode [MR-3]");
  }

  @Test
  @DisplayName("an exception is its refusal, also after it was written and read")
  void exceptionIsItsRefusal() throws IOException, ClassNotFoundException {
    MemremapException thrown = new MemremapException(TAKEN, new IllegalStateException("cause"));
    assertThat(thrown.refusal()).isSameAs(TAKEN);
    assertThat(thrown)
        .hasMessageStartingWith("0x1000-0x1fff is mapped WB [MT-8: ")
        .hasRootCauseMessage("cause");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(thrown);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(((MemremapException) in.readObject()).refusal()).isEqualTo(TAKEN);
    }
  }
}

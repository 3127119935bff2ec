// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PageWordTest {
  private static final int FRESH = 1;
  private static final long FRESH_WORD = PageWord.fresh(5);

  private final MemorySegment structure = MemorySegment.ofArray(new long[] {FRESH_WORD});
  private final PageWord word = new PageWord(structure, 0, FRESH_WORD, FRESH, FRESH);

  private void renew() {
    PageWord.renew(structure, 0, FRESH_WORD, FRESH);
  }

  @Test
  @DisplayName("TY-4 a page that nothing refers to gets the count of a fresh page again")
  void free() {
    assertThat(word.isFreedBy(word.put())).isTrue();
    assertThat(word.count()).isZero();
    renew();
    assertThat(word.count()).isEqualTo(FRESH);
  }

  @Test
  @DisplayName("TY-4 a page that was handed out again keeps its count")
  void handedOut() {
    word.put();
    assertThat(PageWord.handOut(structure, 0, FRESH_WORD, FRESH, 0)).isTrue();
    assertThat(word.getUnlessZero()).isTrue();
    renew();
    assertThat(word.count()).isEqualTo(2);
  }

  @Test
  @DisplayName("TY-4, D-4 a page that a hold alone keeps stays its hold's, and is freed with it")
  void held() {
    assertThat(PageWord.hold(structure, 0, FRESH_WORD, FRESH, 0)).isTrue();
    word.put();
    renew();
    assertThat(PageWord.isSoleHold(structure, 0, FRESH)).isTrue();
    assertThat(PageWord.unhold(structure, 0, FRESH)).isZero();
    assertThat(word.count()).isZero();
  }

  @Test
  @DisplayName("row 29 the map's own reference is put once, and never that of a user")
  void putOwn() {
    PageWord counted = new PageWord(structure, 0, FRESH_WORD, FRESH, 0);
    counted.getUnlessZero();
    counted.getUnlessZero();
    assertThat(PageWord.putOwn(structure, 0, FRESH_WORD, FRESH, 0)).isFalse();
    assertThat(counted.count()).isEqualTo(2);
    assertThat(PageWord.putOwn(structure, 0, FRESH_WORD, FRESH, 0)).isFalse();
    assertThat(counted.count()).isEqualTo(2);
    long before = counted.put();
    assertThat(counted.isFreedBy(before)).as("the fall to 1").isTrue();
    assertThat(PageWord.heldBefore(before)).isOne();
    before = counted.put();
    assertThat(counted.isFreedBy(before)).isFalse();
    assertThat(PageWord.heldBefore(before)).isOne();
    assertThat(counted.put()).isEqualTo(PageWord.NOT_PUT);
  }

  private boolean putOwnOfKept() {
    return PageWord.putOwn(structure, 0, FRESH_WORD, FRESH, FRESH);
  }

  @Test
  @DisplayName("row 31 the own reference of a free page is put once, frees none, and stays put")
  void putOwnOfFree() {
    assertThat(putOwnOfKept()).isFalse();
    assertThat(word.count()).isZero();
    assertThat(putOwnOfKept()).isFalse();
    assertThat(word.count()).isZero();
    renew();
    assertThat(word.count()).isZero();
    assertThat(word.getUnlessZero()).isFalse();
    assertThat(word.put()).isEqualTo(PageWord.NOT_PUT);
    assertThat(PageWord.handOut(structure, 0, FRESH_WORD, FRESH, 0)).isFalse();
    assertThat(PageWord.hold(structure, 0, FRESH_WORD, FRESH, 0)).isFalse();
  }

  @Test
  @DisplayName("row 31 each get holds the map after the own reference was put, the last one, too")
  void putOwnOfUsed() {
    word.getUnlessZero();
    word.getUnlessZero();
    assertThat(putOwnOfKept()).isFalse();
    assertThat(word.count()).isEqualTo(2);
    assertThat(word.putAnother()).isTrue();
    assertThat(word.putAnother()).as("the last one").isFalse();
    long before = word.put();
    assertThat(PageWord.heldBefore(before)).isOne();
    assertThat(word.isFreedBy(before)).isTrue();
    renew();
    assertThat(word.count()).isZero();
    assertThat(word.put()).isEqualTo(PageWord.NOT_PUT);
  }

  @Test
  @DisplayName("row 31, D-4 a hold alone keeps a page whose own reference was put, and frees it")
  void putOwnOfHeld() {
    assertThat(PageWord.hold(structure, 0, FRESH_WORD, FRESH, 0)).isTrue();
    assertThat(putOwnOfKept()).isFalse();
    assertThat(word.count()).isOne();
    assertThat(word.put()).isEqualTo(PageWord.NOT_PUT);
    assertThat(PageWord.isSoleHold(structure, 0, FRESH)).isTrue();
    assertThat(PageWord.unhold(structure, 0, FRESH)).isZero();
    renew();
    assertThat(word.count()).isZero();
  }

  @Test
  @DisplayName("TY-4 a page of another life is left alone")
  void otherLife() {
    long other = PageWord.fresh(6);
    structure.set(ValueLayout.JAVA_LONG, 0, other);
    renew();
    assertThat(structure.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(other);
  }
}

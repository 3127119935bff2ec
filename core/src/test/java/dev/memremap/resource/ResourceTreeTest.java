// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.internal.space.ResourceTree;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ResourceTreeTest {
  private final ResourceTree tree =
      ResourceTree.of(Resource.memoryRoot(), PageGeometry.X86_64, KernelRules.LINUX_6_1);
  private final Resource root = tree.snapshot().root();

  private static Resource device(long start, long end, String name) {
    return Resource.of(new PhysRange(start, end), name, ResourceFlags.MEM, ResourceDesc.NONE);
  }

  private String text() {
    return IomemText.format(tree.snapshot().root());
  }

  private static void refused(Errno errno, Rule rule, String sentence, ThrowingCallable call) {
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(call)
        .withMessageContaining(sentence)
        .satisfies(
            e -> {
              assertThat(e.errno()).isEqualTo(errno);
              assertThat(e.rule()).isEqualTo(rule);
            });
  }

  @Test
  @DisplayName("RES-1 the root is 'PCI mem', the whole address space, of type memory")
  void memoryRoot() {
    assertThat(root.name()).isEqualTo("PCI mem");
    assertThat(root.range()).isEqualTo(new PhysRange(0, -1));
    assertThat(root.flags()).isEqualTo(0x200);
    assertThat(root.desc()).isEqualTo(ResourceDesc.NONE);
  }

  @Test
  @DisplayName("RES-2 flags have the kernel's values")
  void flagValues() {
    assertThat(ResourceFlags.TYPE_MASK).isEqualTo(0x1f00);
    assertThat(ResourceFlags.SYSTEM_RAM).isEqualTo(0x01000200);
    assertThat(ResourceFlags.BUSY).isEqualTo(0x80000000L);
    assertThat(ResourceFlags.MUXED).isEqualTo(0x400000);
    assertThat(ResourceFlags.PREFETCH).isEqualTo(0x2000);
    assertThat(ResourceFlags.READONLY).isEqualTo(0x4000);
    assertThat(Resource.of(new PhysRange(0, 1), "x", 0x01000000, ResourceDesc.NONE).isSystemRam())
        .as("both bits of System RAM must be set")
        .isFalse();
  }

  @Test
  @DisplayName("RES-5 a request is put in by address, and refused by what overlaps it, to the byte")
  void request() {
    tree.requestResource(root, device(0x2000, 0x2fff, "b"));
    tree.requestResource(root, device(0x3000, 0x3fff, "c"));
    tree.requestResource(root, device(0x1000, 0x1fff, "a"));
    assertThat(text())
        .isEqualTo("00001000-00001fff : a\n00002000-00002fff : b\n00003000-00003fff : c\n");
    refused(
        Errno.EBUSY,
        Rule.RES_5,
        "0x1fff-0x2000 cannot be requested: '00001000-00001fff : a' is in the way",
        () -> tree.requestResource(root, device(0x1fff, 0x2000, "d")));
    assertThat(tree.requestResourceConflict(root, device(0x3fff, 0x3fff, "d")))
        .hasValueSatisfying(conflict -> assertThat(conflict.name()).isEqualTo("c"));
    assertThat(tree.requestResourceConflict(root, device(0x4000, -1, "d"))).isEmpty();
  }

  @Test
  @DisplayName("RES-5 only direct children are looked at, and leaving the parent meets the parent")
  void requestBelow() {
    Resource window = device(0x10000, 0x1ffff, "window");
    tree.requestResource(root, window);
    tree.requestResource(window, device(0x10000, 0x1ffff, "whole"));
    for (PhysRange outside :
        new PhysRange[] {new PhysRange(0xffff, 0x10000), new PhysRange(0x1ffff, 0x20000)}) {
      assertThat(
              tree.requestResourceConflict(
                  window, device(outside.start(), outside.endInclusive(), "x")))
          .hasValueSatisfying(conflict -> assertThat(conflict.isSameAs(window)).isTrue());
    }
    assertThat(tree.requestResourceConflict(root, device(0x10000, 0x10fff, "x")))
        .hasValueSatisfying(conflict -> assertThat(conflict.name()).isEqualTo("window"));
  }

  @Test
  @DisplayName("RES-6 an inserted resource goes below what encloses it and around what it encloses")
  void insert() {
    tree.requestResource(root, device(0x10000, 0x8ffff, "bus"));
    tree.insertResource(root, device(0x20000, 0x2ffff, "b"));
    tree.insertResource(root, device(0x40000, 0x4ffff, "c"));
    tree.insertResource(root, device(0x20000, 0x4ffff, "bridge"));
    tree.insertResource(root, device(0x20000, 0x2ffff, "equal"));
    tree.insertResource(root, device(0x10000, 0x8ffff, "around"));
    assertThat(text())
        .isEqualTo(
            """
            00010000-0008ffff : around
              00010000-0008ffff : bus
                00020000-0004ffff : bridge
                  00020000-0002ffff : equal
                    00020000-0002ffff : b
                  00040000-0004ffff : c
            """);
  }

  @Test
  @DisplayName(
      "RES-6 what would be enclosed in part refuses an insert, the last as well as the first")
  void insertAcross() {
    tree.requestResource(root, device(0x1000, 0x1fff, "a"));
    tree.requestResource(root, device(0x3000, 0x3fff, "b"));
    String before = text();
    refused(
        Errno.EBUSY,
        Rule.RES_6,
        "'00001000-00001fff : a' is in the way",
        () -> tree.insertResource(root, device(0x1800, 0x3fff, "x")));
    refused(
        Errno.EBUSY,
        Rule.RES_6,
        "'00003000-00003fff : b' is in the way",
        () -> tree.insertResource(root, device(0x1000, 0x37ff, "x")));
    assertThat(text()).isEqualTo(before);
  }

  @Test
  @DisplayName(
      "RES-7 remove puts the children into the place of their parent, release takes them too")
  void removeAndRelease() {
    Resource bus = device(0x10000, 0x8ffff, "bus");
    tree.requestResource(root, bus);
    tree.requestResource(bus, device(0x20000, 0x2ffff, "b"));
    tree.requestResource(bus, device(0x40000, 0x4ffff, "c"));
    tree.requestResource(root, device(0x90000, 0x9ffff, "after"));
    ResourceSnapshot before = tree.snapshot();
    tree.removeResource(bus);
    assertThat(text())
        .isEqualTo("00020000-0002ffff : b\n00040000-0004ffff : c\n00090000-0009ffff : after\n");
    ResourceTree again = ResourceTree.of(before.root(), PageGeometry.X86_64, KernelRules.LINUX_6_1);
    again.releaseResource(bus);
    assertThat(IomemText.format(again.snapshot().root())).isEqualTo("00090000-0009ffff : after\n");
    assertThat(before.pathTo(0x20000)).as("a snapshot never changes").hasSize(2);
  }

  @Test
  @DisplayName("RES-7 only what is in the tree can be taken out or put below")
  void notInTheTree() {
    Resource gone = device(0x1000, 0x1fff, "gone");
    tree.requestResource(root, gone);
    tree.releaseResource(gone);
    String sentence = "'00001000-00001fff : gone' is not in the resource tree";
    refused(Errno.EINVAL, Rule.RES_7, sentence, () -> tree.releaseResource(gone));
    refused(Errno.EINVAL, Rule.RES_7, sentence, () -> tree.removeResource(gone));
    tree.requestResource(root, device(0x1000, 0x1fff, "other"));
    refused(Errno.EINVAL, Rule.RES_7, sentence, () -> tree.releaseResource(gone));
    refused(
        Errno.EINVAL,
        Rule.RES_7,
        sentence,
        () -> tree.requestResource(gone, device(0x1000, 0x10ff, "x")));
    refused(
        Errno.EINVAL,
        Rule.RES_7,
        "'00000000-ffffffffffffffff : PCI mem' is not in",
        () -> tree.releaseResource(root));
  }
}

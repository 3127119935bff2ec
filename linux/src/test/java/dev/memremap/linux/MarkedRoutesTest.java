// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.cache.CacheMode;
import dev.memremap.resource.PhysRange;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.MemorySource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Where each route leads: the memory behind it tells of each byte where it lies, so that a mapping
 * which is a page off, or begins at the start of the page, or leads to a neighbour, is seen.
 */
class MarkedRoutesTest {
  private static final long PAGE = Posix.PAGE;
  private static final long MIB = 1 << 20;

  /** How far /dev/mem reaches here. */
  private static final long ALL = 1L << 39;

  /** No byte of a mark: the high ones are zero or the mark, the low ones are ambiguous. */
  private static final byte STORED = (byte) 0xee;

  @TempDir static Path root;
  private static DeviceFiles door;
  private static Computer computer;

  /** One computer for all: a test puts back what it stored. */
  @BeforeAll
  static void assemble() {
    door = new DeviceFiles();
    computer = new Computer(root, door);
    addDevices();
    for (Way way : ways()) {
      door.driver(computer.path(way.file), driverOf(way));
      PhysRange pages = way.range.roundOutTo(PAGE);
      new MarkedBytes(way.mark)
          .storeIn(
              computer.path(way.storage),
              pages.start() - way.storageStart,
              pages.start(),
              pages.sizeBytes());
    }
  }

  // ---- memory that has addresses -----------------------------------------------------------

  /**
   * A way to some memory.
   *
   * @param file that leads there, below the root
   * @param range the memory
   * @param asked with which mode
   * @param mark of the memory
   * @param block what mappings are whole multiples of
   * @param storage the file that has the bytes, below the root
   * @param storageStart the address of its first byte
   */
  record Way(
      String file,
      PhysRange range,
      CacheMode asked,
      int mark,
      long block,
      String storage,
      long storageStart) {}

  private static final String CARD = "0000:05:00.0";

  /** Small BARs share their pages; large ones have pages of their own. */
  private static final List<PhysRange> BARS =
      List.of(
          PhysRange.of(0xfe800000L, 256),
          PhysRange.of(0xfe800100L, 256),
          PhysRange.of(0xfe800800L, 2048),
          PhysRange.of(0xfe8017f0L, 16),
          PhysRange.of(0xfe802000L, 3 * PAGE),
          PhysRange.of(0xe0_0000_0f80L, 128));

  private static final List<PhysRange> UIO_MAPS =
      List.of(
          PhysRange.of(0xfe900000L, PAGE),
          PhysRange.of(0xfe902000L, 3 * PAGE),
          PhysRange.of(0xfe906000L, 2 * PAGE),
          PhysRange.of(0xfe909000L, PAGE),
          PhysRange.of(0xfe90a000L, 4 * PAGE));

  private static final PhysRange DAX = PhysRange.of(0x1_4000_0000L, 6 * MIB);
  private static final PhysRange FINE_DAX = PhysRange.of(0x1_5000_3000L, 5 * PAGE);

  private static final List<PhysRange> BY_ADDRESS =
      List.of(
          PhysRange.of(0, 2 * PAGE),
          PhysRange.of(0x200000, 4 * PAGE),
          PhysRange.of(0xffff_f000L, 3 * PAGE),
          PhysRange.of(0x7f_ffff_c000L, 4 * PAGE));

  private static List<Way> ways() {
    List<Way> ways = new ArrayList<>();
    for (int i = 0; i < BARS.size(); i++) {
      PhysRange bar = BARS.get(i);
      String file = PciDevices.DIRECTORY + CARD + "/resource" + i;
      long start = bar.start() & -PAGE;
      ways.add(new Way(file, bar, CacheMode.UC_MINUS, 10 + i, PAGE, file, start));
      String combining = file + "_wc";
      ways.add(new Way(combining, bar, CacheMode.WC, 20 + i, PAGE, combining, start));
    }
    for (int i = 0; i < UIO_MAPS.size(); i++) {
      PhysRange map = UIO_MAPS.get(i);
      ways.add(
          new Way(
              "dev/uio0",
              map,
              CacheMode.UC_MINUS,
              30 + i,
              map.sizeBytes(),
              "memory-of-map" + i,
              map.start()));
    }
    ways.add(new Way("dev/dax0.0", DAX, CacheMode.WB, 40, 2 * MIB, "dev/dax0.0", DAX.start()));
    ways.add(
        new Way("dev/dax1.0", FINE_DAX, CacheMode.WB, 41, PAGE, "dev/dax1.0", FINE_DAX.start()));
    for (PhysRange range : BY_ADDRESS) {
      ways.add(new Way("dev/mem", range, CacheMode.UC_MINUS, 50, PAGE, "dev/mem", 0));
      ways.add(new Way("dev/mem", range, CacheMode.WB, 50, PAGE, "dev/mem", 0));
    }
    return ways;
  }

  /** A part of some memory. */
  record Piece(long offset, long length) {
    @Override
    public String toString() {
      return "0x%x+0x%x".formatted(offset, length);
    }
  }

  /** Ends, edges of pages, and places inside of pages, as far as a size has them. */
  private static Stream<Piece> pieces(long size) {
    return Stream.of(
            new Piece(0, size),
            new Piece(0, 1),
            new Piece(size - 1, 1),
            new Piece(size - 16, 16),
            new Piece(8, 8),
            new Piece(0x35, 0x41),
            new Piece(0x123, 0x2ff),
            new Piece(PAGE - 1, 2),
            new Piece(PAGE, PAGE),
            new Piece(PAGE + 0x7f8, PAGE),
            new Piece(2 * PAGE - 8, 16),
            new Piece(2 * MIB - 1, 2),
            new Piece(2 * MIB, 64),
            new Piece(3 * MIB + 0x1234, 2 * MIB))
        .filter(piece -> piece.offset >= 0 && piece.offset + piece.length <= size)
        .distinct();
  }

  static Stream<Arguments> byAddress() {
    return ways().stream()
        .flatMap(
            way ->
                pieces(way.range.sizeBytes())
                    .map(piece -> Arguments.of(way.file, way.range, way.asked, piece, way)));
  }

  private static void addDevices() {
    computer.pci(CARD, "1af4", "1110");
    for (int i = 0; i < BARS.size(); i++) {
      computer.bar(CARD, i, BARS.get(i), true);
    }
    computer.write(UioDevices.DIRECTORY + "uio0/name", "board\n");
    IntStream.range(0, UIO_MAPS.size()).forEach(i -> computer.uioMap("uio0", i, UIO_MAPS.get(i)));
    computer.memory("dev/uio0", PAGE);
    computer.dax("dax0.0", DAX, 2 * MIB);
    computer.dax("dax1.0", FINE_DAX, PAGE);
    computer.memory("dev/mem", ALL);
  }

  private static DeviceFiles.Driver driverOf(Way way) {
    Path storage = computer.path(way.storage);
    return switch (way.file) {
      case "dev/mem" -> DeviceFiles.blocks(storage, PAGE, ALL);
      case "dev/dax0.0", "dev/dax1.0" ->
          DeviceFiles.blocks(storage, way.block, way.range.sizeBytes());
      case "dev/uio0" ->
          DeviceFiles.uio(
              IntStream.range(0, UIO_MAPS.size())
                  .mapToObj(i -> computer.path("memory-of-map" + i))
                  .toList(),
              UIO_MAPS);
      default -> DeviceFiles.bar(storage, way.range);
    };
  }

  @ParameterizedTest(name = "{0} {1} {2}: {3}")
  @MethodSource("byAddress")
  @DisplayName("LIB-6 a mapping leads to its own addresses, and holds no more than their blocks")
  void route(String file, PhysRange range, CacheMode asked, Piece piece, Way way)
      throws IOException {
    PhysRange wanted = PhysRange.of(range.start() + piece.offset, piece.length);
    LinuxMemory memory = computer.linuxMemory();
    try (Arena arena = Arena.ofConfined()) {
      MappedBytes mapped =
          memory.map(wanted, memory.accessPath(wanted, asked, asked).orThrow(), arena);
      assertThat(mapped.backing().name()).isEqualTo("/" + file);
      assertThat(mapped.mode()).isEqualTo(asked);
      requireMarks(mapped.segment(), way.mark, wanted.start());
      long first = Math.floorDiv(wanted.start() - way.storageStart, way.block);
      long last = Math.floorDiv(wanted.endInclusive() - way.storageStart, way.block);
      assertThat(computer.calls.mappedBytes()).isEqualTo((last - first + 1) * way.block);
      assertThat(door.flagsOf(computer.path(file)))
          .as("flags of open")
          .isEqualTo(
              Posix.O_RDWR
                  | Posix.O_CLOEXEC
                  | (file.equals("dev/mem") && asked == CacheMode.UC_MINUS ? Posix.O_SYNC : 0));
      storeAtBothEnds(mapped.segment());
    }
    requireStored(
        computer.path(way.storage), way.mark, wanted.start(), piece.length, way.storageStart);
    assertThat(computer.calls.mappedAddresses()).isEmpty();
    assertThat(computer.calls.openDescriptors()).isEmpty();
  }

  // ---- memory that has none ----------------------------------------------------------------

  /** Memory by offset. */
  enum Source {
    MEMFD(5 * PAGE + 123, PAGE),
    HUGE_MEMFD(6 * MIB, 2 * MIB),
    HUGE_FILE(6 * MIB, 2 * MIB),
    CACHED_FILE(5 * PAGE + 123, PAGE);

    private final long size;
    private final long block;

    Source(long size, long block) {
      this.size = size;
      this.block = block;
    }

    MemorySource open(Computer computer, Path file) {
      Posix posix = new Posix(computer.calls);
      return switch (this) {
        case MEMFD, HUGE_MEMFD -> Memfd.open(posix, "marked", size, block);
        case HUGE_FILE -> HugetlbFile.open(posix, file, block);
        case CACHED_FILE -> DaxFile.open(file, false, posix, null);
      };
    }
  }

  static Stream<Arguments> byOffset() {
    return Stream.of(Source.values())
        .flatMap(source -> pieces(source.size).map(piece -> Arguments.of(source, piece)));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("byOffset")
  @DisplayName("a part of a source is that part, and holds no more than its blocks")
  void source(Source source, Piece piece) throws IOException {
    Path file = computer.path("storage");
    MarkedBytes marks = new MarkedBytes(60 + source.ordinal());
    marks.storeIn(file, 0, 0, source.size);
    // a cached file can be mapped to the end of its last page
    long whole = (source.size + source.block - 1) & -source.block;
    door.driver(file, DeviceFiles.blocks(file, source.block, whole));
    try (MemorySource open = source.open(computer, file)) {
      if (source == Source.MEMFD || source == Source.HUGE_MEMFD) {
        int fd = computer.calls.openDescriptors().iterator().next();
        file = Path.of("/proc/self/fd/" + fd);
        marks.storeIn(file, 0, 0, source.size);
      }
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment segment = open.map(piece.offset, piece.length, arena).segment();
        requireMarks(segment, marks.mark(), piece.offset);
        long first = piece.offset / source.block;
        long last = (piece.offset + piece.length - 1) / source.block;
        assertThat(computer.calls.mappedBytes()).isEqualTo((last - first + 1) * source.block);
        storeAtBothEnds(segment);
      }
      requireStored(file, marks.mark(), piece.offset, piece.length, 0);
    }
    assertThat(computer.calls.mappedAddresses()).isEmpty();
    assertThat(computer.calls.openDescriptors()).isEmpty();
  }

  // ---- what is looked for ------------------------------------------------------------------

  private static void requireMarks(MemorySegment segment, int mark, long address) {
    assertThat(segment.toArray(ValueLayout.JAVA_BYTE))
        .as(
            "bytes at 0x%x of memory %d were asked for; these are %s",
            address, mark, MarkedBytes.place(segment, address))
        .isEqualTo(new MarkedBytes(mark).of(address, segment.byteSize()));
  }

  private static void storeAtBothEnds(MemorySegment segment) {
    long last = segment.byteSize() - 1;
    segment.set(ValueLayout.JAVA_BYTE, 0, STORED);
    segment.set(ValueLayout.JAVA_BYTE, last, STORED);
  }

  /** The file has what was stored, and beside it what it had; then it has the marks again. */
  private static void requireStored(
      Path file, int mark, long address, long length, long storageStart) throws IOException {
    byte[] expected = new MarkedBytes(mark).of(address, length);
    expected[0] = STORED;
    expected[expected.length - 1] = STORED;
    ByteBuffer found = ByteBuffer.allocate(expected.length);
    try (FileChannel channel = FileChannel.open(file)) {
      channel.read(found, address - storageStart);
    }
    new MarkedBytes(mark).storeIn(file, address - storageStart, address, length);
    assertThat(found.array()).as("what was stored, in %s", file).isEqualTo(expected);
  }
}

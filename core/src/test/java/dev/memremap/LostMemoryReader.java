// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import dev.memremap.testing.CutShort;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.zip.Adler32;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Deflater;

/**
 * Reads or writes a mapping by one way of the JDK, after the memory behind it went away, and says
 * what happened. It runs in a JVM of its own, for some ways end it.
 */
final class LostMemoryReader {
  private static final int SIZE = 1 << 16;
  private static long sum;

  /** A way to access a mapping; the names are those of the table in docs/lost-memory.md. */
  enum Way {
    MAPPING("`Mapping.load`, `store`, `copyTo`, `copyFrom`") {
      @Override
      void access(Mapping mapping) {
        sum += mapping.load(0, 64);
        mapping.store(8, 64, 1);
        mapping.copyTo(0, MemorySegment.ofArray(new byte[SIZE]));
        mapping.copyFrom(0, MemorySegment.ofArray(new byte[SIZE]));
      }
    },
    GET("`MemorySegment.get`, `set`") {
      @Override
      void access(Mapping mapping) {
        sum += mapping.segment().get(ValueLayout.JAVA_LONG, 0);
        mapping.segment().set(ValueLayout.JAVA_LONG, 8, 1);
      }
    },
    COPY("`MemorySegment.copy`") {
      @Override
      void access(Mapping mapping) {
        MemorySegment.copy(mapping.segment(), 0, MemorySegment.ofArray(new byte[SIZE]), 0, SIZE);
      }
    },
    FILL("`MemorySegment.fill`") {
      @Override
      void access(Mapping mapping) {
        mapping.segment().fill((byte) 1);
      }
    },
    MISMATCH("`MemorySegment.mismatch`") {
      @Override
      void access(Mapping mapping) {
        sum += mapping.segment().mismatch(MemorySegment.ofArray(new byte[SIZE]));
      }
    },
    MISMATCH_LATER("`MemorySegment.mismatch`, where the first page is there") {
      @Override
      void access(Mapping mapping) {
        sum += mapping.segment().mismatch(MemorySegment.ofArray(new byte[SIZE]));
      }

      @Override
      long left() {
        return 4096;
      }
    },
    BUFFER("`ByteBuffer.get`, `put` of `asByteBuffer()`") {
      @Override
      void access(Mapping mapping) {
        ByteBuffer buffer = mapping.segment().asByteBuffer();
        sum += buffer.get(0);
        buffer.put(1, (byte) 1);
      }
    },
    BULK("`ByteBuffer.get(byte[])`") {
      @Override
      void access(Mapping mapping) {
        mapping.segment().asByteBuffer().get(new byte[SIZE]);
      }
    },
    CRC32_("`CRC32.update`") {
      @Override
      void access(Mapping mapping) {
        CRC32 crc = new CRC32();
        crc.update(mapping.segment().asByteBuffer());
        sum += crc.getValue();
      }
    },
    CRC32C_("`CRC32C.update`") {
      @Override
      void access(Mapping mapping) {
        CRC32C crc = new CRC32C();
        crc.update(mapping.segment().asByteBuffer());
        sum += crc.getValue();
      }
    },
    ADLER32("`Adler32.update`") {
      @Override
      void access(Mapping mapping) {
        Adler32 adler = new Adler32();
        adler.update(mapping.segment().asByteBuffer());
        sum += adler.getValue();
      }
    },
    DEFLATER("`Deflater.setInput`, `deflate`") {
      @Override
      void access(Mapping mapping) {
        try (var closing = new Closing(new Deflater())) {
          closing.deflater.setInput(mapping.segment().asByteBuffer());
          closing.deflater.finish();
          sum += closing.deflater.deflate(new byte[SIZE]);
        }
      }
    },
    DIGEST("`MessageDigest.update`") {
      @Override
      void access(Mapping mapping) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(mapping.segment().asByteBuffer());
        sum += digest.digest()[0];
      }
    },
    DECODE("`Charset.decode`") {
      @Override
      void access(Mapping mapping) {
        sum += StandardCharsets.UTF_8.decode(mapping.segment().asByteBuffer()).length();
      }
    },
    GET_STRING("`MemorySegment.getString`") {
      @Override
      void access(Mapping mapping) {
        sum += mapping.segment().getString(0).length();
      }
    },
    CHANNEL_WRITE("`FileChannel.write` of it") {
      @Override
      void access(Mapping mapping) throws IOException {
        try (FileChannel file = FileChannel.open(scratch(), StandardOpenOption.WRITE)) {
          sum += file.write(mapping.segment().asByteBuffer());
        }
      }
    },
    CHANNEL_READ("`FileChannel.read` into it") {
      @Override
      void access(Mapping mapping) throws IOException {
        try (FileChannel file = FileChannel.open(scratch(), StandardOpenOption.READ)) {
          sum += file.read(mapping.segment().asByteBuffer());
        }
      }
    },
    DOWNCALL("a downcall that reads it (`memchr`)") {
      @Override
      void access(Mapping mapping) throws Throwable {
        MemorySegment found = (MemorySegment) MEMCHR.invokeExact(mapping.segment(), 1, (long) SIZE);
        sum += found.address();
      }
    };

    private final String name;

    Way(String name) {
      this.name = name;
    }

    /** What the table calls it. */
    String words() {
      return name;
    }

    abstract void access(Mapping mapping) throws Throwable;

    /** How many bytes of the mapping stay. */
    long left() {
      return 0;
    }
  }

  @SuppressWarnings("restricted") // memchr has this signature
  private static final MethodHandle MEMCHR =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("memchr"),
              FunctionDescriptor.of(
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_LONG));

  private record Closing(Deflater deflater) implements AutoCloseable {
    @Override
    public void close() {
      deflater.end();
    }
  }

  private LostMemoryReader() {}

  private static Path scratch() throws IOException {
    Path file = Path.of("scratch");
    if (!Files.exists(file)) {
      Files.write(file, new byte[SIZE]);
    }
    return file;
  }

  /**
   * Runs.
   *
   * @param args the way's name; how often it is gone while the memory is there
   */
  public static void main(String[] args) throws Throwable {
    Way way = Way.valueOf(args[0]);
    try (Machine machine = Machine.simulated(Machines.qemu());
        Mapping mapping = machine.memremap(PhysRange.of(Machines.BAR, SIZE), MemremapFlag.WC)) {
      for (int i = Integer.parseInt(args[1]); i > 0; i--) {
        way.access(mapping);
      }
      scratch();
      CutShort.simulatedMemory(way.left() == 0 ? 0 : Machines.BAR + way.left());
      System.out.println("outcome: " + outcome(way, mapping));
    }
  }

  private static String outcome(Way way, Mapping mapping) throws Throwable {
    try {
      way.access(mapping);
      Thread.holdsLock(way); // an error that is not thrown yet is thrown here
      return "nothing is thrown";
    } catch (MemremapException | InternalError | IOException e) {
      return e.getClass().getSimpleName();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import dev.memremap.spi.IoReason;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a command prints: text in the letters of the locale, and raw bytes. It remembers why the
 * first of them could not be written, which a plain {@link PrintWriter} forgets.
 *
 * <p>Thread safety: that of {@link PrintWriter}; the failure is asked for by the thread that
 * printed.
 */
public final class Output extends LetterWriter {
  private final Sink sink;

  private Output(Sink sink, Letters letters) {
    super(sink, letters);
    this.sink = sink;
  }

  /** Standard output. */
  static Output standard(Letters letters) {
    return of(new FileOutputStream(FileDescriptor.out), Terminal.STANDARD_OUT, letters);
  }

  /**
   * Another stream.
   *
   * @param isPipe whether its reader may go
   */
  public static Output of(OutputStream bytes, boolean isPipe) {
    return new Output(new Sink(bytes, () -> isPipe), Letters.UTF_8);
  }

  /**
   * The stream of an open file.
   *
   * @param descriptor its link below {@code /proc}, which is looked at once something is lost
   */
  static Output of(OutputStream bytes, Path descriptor, Letters letters) {
    return new Output(new Sink(bytes, new Pipe(descriptor)), letters);
  }

  /** Whether it is this process's standard output. */
  boolean isStandard() {
    return sink.isPipe instanceof Pipe;
  }

  /** Writes bytes as they are, after the text that was printed before. */
  void writeRaw(byte[] bytes) {
    flush();
    try {
      sink.write(bytes);
    } catch (IOException remembered) {
      // the sink has it, and finish() tells it
    }
  }

  /**
   * Keeps what is printed from now on until the end, since it is one JSON document: an error that
   * comes after an answer takes its place.
   */
  void keepDocument() {
    sink.keep();
  }

  /** Whether what is printed is one JSON document. */
  boolean keepsDocument() {
    return sink.kept != null;
  }

  /** Drops what is kept, and prints another document in its place. */
  void replaceDocument(String document) {
    dropDocument();
    println(document);
  }

  /** Drops what is kept. */
  void dropDocument() {
    flush();
    sink.keep();
  }

  /**
   * Ends the output.
   *
   * @param status what the command would end with
   * @return that status, or {@link ExitStatus#OUTPUT_LOST} if something could not be written
   */
  int finish(int status, PrintWriter errors, String name) {
    flush();
    sink.release();
    IOException failure = sink.failure;
    if (failure == null) {
      return status;
    }
    // a reader that has gone, as head does, has read what it wanted
    if (!sink.isPipe.getAsBoolean()) {
      errors.println(
          "%s: standard output cannot be written (%s)".formatted(name, IoReason.of(failure)));
    }
    return ExitStatus.OUTPUT_LOST;
  }

  /** Whether an open file is a pipe; a class costs a start less than a lambda. */
  private record Pipe(Path descriptor) implements BooleanSupplier {
    @Override
    public boolean getAsBoolean() {
      return Terminal.isPipe(descriptor);
    }
  }

  /** The bytes below the text. */
  private static final class Sink extends OutputStream {
    private final OutputStream bytes;
    private final BooleanSupplier isPipe;
    private @Nullable IOException failure;
    private @Nullable ByteArrayOutputStream kept;

    Sink(OutputStream bytes, BooleanSupplier isPipe) {
      this.bytes = bytes;
      this.isPipe = isPipe;
    }

    void keep() {
      kept = new ByteArrayOutputStream();
    }

    void release() {
      ByteArrayOutputStream document = kept;
      kept = null;
      if (document != null) {
        try {
          // of a large one a copy may have no room
          document.writeTo(bytes);
          bytes.flush();
        } catch (IOException e) {
          remembered(e);
        }
      }
    }

    @Override
    public void write(int single) throws IOException {
      write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void write(byte[] all, int from, int count) throws IOException {
      if (kept != null) {
        kept.write(all, from, count);
        return;
      }
      try {
        bytes.write(all, from, count);
      } catch (IOException e) {
        throw remembered(e);
      }
    }

    @Override
    public void flush() throws IOException {
      try {
        bytes.flush();
      } catch (IOException e) {
        throw remembered(e);
      }
    }

    private IOException remembered(IOException e) {
      if (failure == null) {
        failure = e;
      }
      return e;
    }
  }
}

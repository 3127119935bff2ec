// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.ReflectionException;
import javax.management.RuntimeMBeanException;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.jspecify.annotations.Nullable;

/**
 * A connection to another JVM. It makes a watch there by JMX, of a class that the library of that
 * JVM has.
 *
 * <p>Thread safety: all methods may be called from any thread.
 */
final class JvmLink implements AutoCloseable {
  private static final String WATCH = "dev.memremap.internal.watch.Watch";
  private static final String ANSWER_TIME = "sun.rmi.transport.tcp.responseTimeout";
  private static final int ENDING_MILLIS = 2_000;
  private static final AtomicInteger LAST = new AtomicInteger();

  static {
    // a JVM that is stopped does not answer, and a reader is to be told
    if (System.getProperty(ANSWER_TIME) == null) {
      System.setProperty(ANSWER_TIME, "10000");
    }
  }

  private final JMXConnector connector;
  private final MBeanServerConnection beans;
  private final ObjectName watch;
  private final String program;
  private final boolean tellsChanges;

  private JvmLink(JMXConnector connector, long pid, String program) throws IOException {
    this.program = program;
    this.connector = connector;
    this.beans = connector.getMBeanServerConnection();
    String reader = ProcessHandle.current().pid() + "-" + LAST.incrementAndGet();
    try {
      this.watch = new ObjectName("dev.memremap:type=Watch,reader=" + reader);
      beans.createMBean(WATCH, watch);
      this.tellsChanges =
          Arrays.stream(beans.getMBeanInfo(watch).getOperations())
              .anyMatch(operation -> operation.getName().equals("changes"));
    } catch (ReflectionException e) {
      throw new UncheckedIOException(
          "process %d is a JVM that does not use memremap, or another version of it".formatted(pid),
          new IOException(e));
    } catch (JMException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /**
   * Connects to a JVM.
   *
   * @throws UncheckedIOException if that cannot be done; the message is a sentence
   */
  @SuppressWarnings("BanJNDI") // the address has the stub itself, and no name is looked up
  static JvmLink to(long pid) {
    requireJvm(pid);
    @Nullable VirtualMachine machine = null;
    try {
      machine = VirtualMachine.attach(String.valueOf(pid));
      JMXServiceURL address = new JMXServiceURL(machine.startLocalManagementAgent());
      JMXConnector connector = JMXConnectorFactory.connect(address);
      try {
        return new JvmLink(connector, pid, program(machine));
      } catch (IOException | RuntimeException e) {
        connector.close();
        throw e;
      }
    } catch (AttachNotSupportedException | IOException e) {
      throw cannot(pid, reason(e), e);
    } finally {
      detach(machine);
    }
  }

  /** The main class or jar, without its folder. */
  private static String program(VirtualMachine machine) throws IOException {
    String command = machine.getSystemProperties().getProperty("sun.java.command", "");
    String first = command.split(" ", 2)[0];
    return first.substring(first.lastIndexOf('/') + 1);
  }

  /** What the other JVM runs; may be empty. */
  String program() {
    return program;
  }

  private static String reason(Exception e) {
    String said = String.valueOf(e.getMessage());
    return said.contains("attach to current VM") ? "it is memremap serve itself" : said;
  }

  private static UncheckedIOException cannot(long pid, String why, Exception e) {
    return new UncheckedIOException(
        "cannot attach to process %d: %s".formatted(pid, why),
        e instanceof IOException io ? io : new IOException(e));
  }

  /** Attaching sends a signal that ends a process other than a JVM. */
  private static void requireJvm(long pid) {
    if (ProcessHandle.of(pid).isEmpty()) {
      throw cannot(pid, "no such process runs", new IOException());
    }
    Path maps = Path.of("/proc", String.valueOf(pid), "maps");
    if (!Files.exists(maps)) {
      return;
    }
    String mapped;
    try {
      mapped = Files.readString(maps, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw cannot(pid, "it is another user's, or has ended", e);
    }
    if (!mapped.contains("/libjvm.so")) {
      throw cannot(pid, "it is not a JVM", new IOException());
    }
  }

  /**
   * Whether a process runs. One that closes its connections as it ends is given a moment for that;
   * one that has ended and is not collected by its parent has no command any more.
   */
  static boolean isRunning(long pid) {
    ProcessHandle process = ProcessHandle.of(pid).orElse(null);
    if (process == null || process.info().command().isEmpty()) {
      return false;
    }
    try {
      process.onExit().get(ENDING_MILLIS, TimeUnit.MILLISECONDS);
      return false;
    } catch (TimeoutException | ExecutionException stays) {
      return process.isAlive() && process.info().command().isPresent();
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
      return process.isAlive();
    }
  }

  private static void detach(@Nullable VirtualMachine machine) {
    try {
      if (machine != null) {
        machine.detach();
      }
    } catch (IOException gone) {
      // then nothing is attached
    }
  }

  /** What the other JVM's watch answers. */
  String look(long since) throws IOException {
    return ask("look", since);
  }

  String map(long machine) throws IOException {
    return ask("map", machine);
  }

  String state(long machine) throws IOException {
    return ask("state", machine);
  }

  /** What changed on a machine since an answer, if it {@linkplain #tellsChanges tells that}. */
  String changes(long machine, long since) throws IOException {
    return ask("changes", machine, since);
  }

  /** Whether the library of the other JVM can tell what changed alone. */
  boolean tellsChanges() {
    return tellsChanges;
  }

  private String ask(String question, Object... numbers) throws IOException {
    String[] types = new String[numbers.length];
    Arrays.fill(types, long.class.getName());
    try {
      return String.valueOf(beans.invoke(watch, question, numbers, types));
    } catch (InstanceNotFoundException e) {
      throw new IOException("its watch has ended", e);
    } catch (JMException | RuntimeMBeanException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Ends the watch, if the other JVM is still there. */
  @Override
  public void close() {
    try {
      beans.invoke(watch, "stop", new Object[0], new String[0]);
      beans.unregisterMBean(watch);
    } catch (IOException | JMException gone) {
      // it has ended
    }
    try {
      connector.close();
    } catch (IOException gone) {
      // it has ended
    }
  }
}

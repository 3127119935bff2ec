// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ConstantPoolSharingOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Gives the classes of old jars the stack maps that came with Java 6, for the launcher: the JVM
 * keeps no class without them in an AOT cache, and picocli's are compiled for Java 5.
 *
 * <p>The jars are rewritten in their place and are to be copies. Of a class nothing changes but its
 * version and that its methods carry the types a verifier would otherwise infer. Signed jars and
 * jars without old classes stay as they are.
 */
public final class StackMaps {
  // a shared constant pool would let methods through as bytes, without maps
  private static final ClassFile FORMAT =
      ClassFile.of(StackMapsOption.GENERATE_STACK_MAPS, ConstantPoolSharingOption.NEW_POOL);

  private StackMaps() {}

  /**
   * Rewrites each jar that has old classes; all of its classes must be on the class path.
   *
   * @param args the jars
   * @throws IOException if a jar cannot be read or written; it is then as it was
   */
  public static void main(String[] args) throws IOException {
    for (String arg : args) {
      rewrite(Path.of(arg));
    }
  }

  private static void rewrite(Path jar) throws IOException {
    Path mapped = jar.resolveSibling(jar.getFileName() + ".mapped");
    try (ZipFile in = new ZipFile(jar.toFile())) {
      List<? extends ZipEntry> entries = Collections.list(in.entries());
      if (entries.stream().anyMatch(StackMaps::isSignature) || !hasOldClass(in, entries)) {
        return;
      }
      try (OutputStream file = Files.newOutputStream(mapped);
          ZipOutputStream out = new ZipOutputStream(file)) {
        for (ZipEntry entry : entries) {
          byte[] bytes = read(in, entry);
          out.putNextEntry(new ZipEntry(entry.getName()));
          out.write(isOld(entry, bytes) ? withMaps(bytes) : bytes);
          out.closeEntry();
        }
      }
      Files.move(mapped, jar, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(mapped);
    }
  }

  private static boolean isSignature(ZipEntry entry) {
    return entry.getName().startsWith("META-INF/") && entry.getName().endsWith(".SF");
  }

  private static boolean hasOldClass(ZipFile jar, List<? extends ZipEntry> entries)
      throws IOException {
    for (ZipEntry entry : entries) {
      if (isOld(entry, read(jar, entry))) {
        return true;
      }
    }
    return false;
  }

  private static byte[] read(ZipFile jar, ZipEntry entry) throws IOException {
    try (InputStream in = jar.getInputStream(entry)) {
      return in.readAllBytes();
    }
  }

  private static boolean isOld(ZipEntry entry, byte[] bytes) {
    return entry.getName().endsWith(".class")
        && FORMAT.parse(bytes).majorVersion() < ClassFile.JAVA_6_VERSION;
  }

  private static byte[] withMaps(byte[] bytes) {
    ClassModel old = FORMAT.parse(bytes);
    return FORMAT.transformClass(
        old,
        (out, element) -> {
          if (element instanceof ClassFileVersion) {
            out.withVersion(ClassFile.JAVA_8_VERSION, 0);
          } else {
            out.with(element);
          }
        });
  }
}

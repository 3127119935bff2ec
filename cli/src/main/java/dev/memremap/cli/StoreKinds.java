// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.terminal.UsageException;
import dev.memremap.pager.store.FileStore;
import dev.memremap.pager.store.StoreLocation;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The kinds of stores that the command knows: files, those on its class path, and those whose jars
 * lie in the folder {@code stores} beside its own. They are loaded only here, since the client of
 * Valkey has more classes than all of the command. Until this is closed, they are found by this
 * thread.
 */
final class StoreKinds implements AutoCloseable {
  /** Where the launcher and the package put them. */
  private static final String FOLDER = "memremap.stores";

  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*");

  private final @Nullable ClassLoader before;
  private final URLClassLoader kinds;

  private StoreKinds(URLClassLoader kinds) {
    this.before = Thread.currentThread().getContextClassLoader();
    this.kinds = kinds;
    Thread.currentThread().setContextClassLoader(kinds);
  }

  /** Finds them. */
  static StoreKinds here() {
    // Netty does without it, and the JVM would warn of it on the user's terminal
    if (System.getProperty("io.netty.noUnsafe") == null) {
      System.setProperty("io.netty.noUnsafe", "true");
    }
    return new StoreKinds(
        new URLClassLoader(
            "stores", jars().toArray(URL[]::new), StoreKinds.class.getClassLoader()));
  }

  private static List<URL> jars() {
    String folder = System.getProperty(FOLDER);
    List<URL> jars = new ArrayList<>();
    if (folder == null || !Files.isDirectory(Path.of(folder))) {
      return jars;
    }
    try (DirectoryStream<Path> found = Files.newDirectoryStream(Path.of(folder), "*.jar")) {
      for (Path jar : found) {
        jars.add(url(jar));
      }
    } catch (IOException e) {
      throw new UsageException("%s cannot be read, which has kinds of stores".formatted(folder));
    }
    return jars;
  }

  private static URL url(Path jar) {
    try {
      return jar.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Makes the location of a text: a location, or the name of a file. */
  StoreLocation locate(String text) {
    try {
      return SCHEME.matcher(text).matches()
          ? StoreLocation.of(new URI(text))
          : FileStore.at(Path.of(text));
    } catch (URISyntaxException e) {
      throw new UsageException(
          "the location of a store cannot be read; write SCHEME://PLACE, as file:///folder/name or valkey://host, and percent-encode what a URI may not have");
    } catch (InvalidPathException e) {
      throw new UsageException("'%s' names no file".formatted(text));
    } catch (IllegalArgumentException e) {
      throw new UsageException(withAdvice(text, String.valueOf(e.getMessage())));
    }
  }

  private static String withAdvice(String text, String sentence) {
    boolean isMissing = text.matches("(?s)(valkey|redis).*") && sentence.contains("StoreScheme");
    return isMissing
        ? "%s; of a whole memremap these jars lie in the folder %s"
            .formatted(sentence, System.getProperty(FOLDER, "stores"))
        : sentence;
  }

  @Override
  public void close() {
    Thread.currentThread().setContextClassLoader(before);
    try {
      kinds.close();
    } catch (IOException e) {
      // the process ends soon
    }
  }
}

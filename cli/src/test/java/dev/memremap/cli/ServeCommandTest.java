// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static dev.memremap.cli.CommandRun.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.memremap.testing.ChildJvm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServeCommandTest {
  private static final Path EXAMPLES = Path.of("..", "examples");
  private static final String QEMU = EXAMPLES.resolve("machines/qemu-2g.iomem").toString();
  private static final String RUN = EXAMPLES.resolve("teardown-in-order.scenario").toString();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir private Path folder;

  private static String get(String url) throws IOException, InterruptedException {
    return HTTP.send(
            HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Test
  @DisplayName("it prints an address of this computer alone, and ends with 130 when interrupted")
  void address() throws Exception {
    RunningServe serve = RunningServe.of("-m", QEMU);
    assertThat(serve.url()).matches("http://127\\.0\\.0\\.1:[0-9]+/");
    assertThat(get(serve.url())).contains("<title>qemu-2g.iomem – memremap</title>");
    CommandRun ended = serve.end();
    assertThat(ended.status()).isEqualTo(130);
    assertThat(ended.err()).isEqualTo("memremap: interrupted\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "explain?where=0x3ffff000%2B8K&flags=WB | explain 0x3ffff000+8K WB",
        "explain?where=0xfd000000%2B4K&flags=UC- | explain 0xfd000000+4K UC-",
        "plan?where=0x40000000%2B16M&type=FS_DAX | plan 0x40000000+16M --type FS_DAX",
        "plan?where=0x40001000%2B16M&type=GENERIC | plan 0x40001000+16M --type GENERIC",
      })
  @DisplayName("questions over HTTP get the documents that the commands print")
  void documents(String path, String line) throws Exception {
    try (RunningServe serve = RunningServe.of("-m", QEMU)) {
      CommandRun printed = run((line + " --json -m " + QEMU).split(" "));
      assertThat(get(serve.url() + "api/" + path)).isEqualTo(printed.out());
    }
  }

  @Test
  @DisplayName("a question of a step is asked of the machine as that step left it")
  void stepped() throws Exception {
    try (RunningServe serve = RunningServe.of(RUN)) {
      String question = "api/plan?where=0x40000000%2B16M&type=GENERIC&step=";
      assertThat(get(serve.url() + question + 1)).contains("\"granted\" : true");
      assertThat(get(serve.url() + question + 6)).contains("\"granted\" : false");
      assertThat(get(serve.url() + question + 14)).contains("\"granted\" : true");
      assertThat(get(serve.url() + question + 99)).contains("has 17 steps, and no step 99");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "RUN -m MAP | a scenario names its machine",
        "--attach 1 -m MAP | --attach shows another JVM's machines",
        "--listen 0.0.0.0 -m MAP | say with --token-file which token they need",
        "--listen elsewhere -m MAP | is not an address of this computer",
        "--listen 198.51.100.77 --token-file TOKEN -p 0 -m MAP | this computer has no such address",
        "--port 99999 -m MAP | 99999 is not a port",
        "--token-file MAP -m MAP | a token has 16 to 256 letters",
        "--token-file none -m MAP | none cannot be read",
        "--token-file /dev/zero -m MAP | a token has 16 to 256 letters",
        "--export none -m MAP | no such folder",
        "--export . --listen ::1 -m MAP | --export writes pages and serves none",
        "none.scenario | none.scenario",
        "--attach 999999999 | cannot attach to process 999999999: no such process runs",
        "--attach x | is not",
      })
  @DisplayName("what cannot be served is said in one sentence, with status 2")
  void refused(String line, String sentence) throws IOException {
    Path token = Files.writeString(folder.resolve("token"), "0123456789abcdef\n");
    String words = line.replace("RUN", RUN).replace("MAP", QEMU).replace("TOKEN", token.toString());
    CommandRun refused = run(("serve " + words).split(" "));
    assertThat(refused.err().lines().filter(each -> !each.contains("not encrypted")))
        .hasSize(1)
        .first(org.assertj.core.api.InstanceOfAssertFactories.STRING)
        .contains(sentence);
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.out()).isEmpty();
  }

  @Test
  @DisplayName("a port in use is said, and how to take another")
  void portInUse() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CommandRun refused = run("serve", "-m", QEMU, "--port", String.valueOf(taken.getLocalPort()));
      assertThat(refused.err()).contains("the port is in use; --port takes another port");
      assertThat(refused.status()).isEqualTo(2);
    }
  }

  @Test
  @DisplayName("a process other than a JVM gets no signal, and is said to be one")
  void noJvm() throws Exception {
    Process sleeping = new ProcessBuilder("sleep", "600").start();
    try {
      CommandRun refused = run("serve", "--attach", String.valueOf(sleeping.pid()));
      assertThat(refused.err()).contains("it is not a JVM");
      assertThat(refused.status()).isEqualTo(2);
      assertThat(sleeping.isAlive()).isTrue();
    } finally {
      sleeping.destroyForcibly();
    }
  }

  @Test
  @DisplayName("other computers are let in with a token alone, and a warning says what they read")
  void listens() throws Exception {
    Path token = Files.writeString(folder.resolve("token"), "0123456789abcdef\n");
    try (RunningServe serve =
        RunningServe.of("-m", QEMU, "--listen", "0.0.0.0", "--token-file", token.toString())) {
      assertThat(serve.url()).endsWith("/?token=0123456789abcdef");
      String root = serve.url().replaceFirst("\\?.*", "");
      assertThat(get(root)).contains("asks for a token");
      assertThat(serve.end().err()).contains("is not encrypted");
    }
  }

  @Test
  @DisplayName("what only this user may see, another JVM and this computer, asks for a token")
  void tokens() throws Exception {
    try (ServedJvm jvm = ServedJvm.start(0, 0);
        RunningServe serve = RunningServe.of("--attach", jvm.pid())) {
      requireToken(serve);
    }
    assumeTrue(
        Files.readString(Path.of("/proc/iomem")).matches("(?s).*[1-9a-f].*System RAM.*"),
        "the addresses of /proc/iomem are shown to root alone");
    try (RunningServe serve = RunningServe.of()) {
      requireToken(serve);
    }
  }

  private static void requireToken(RunningServe serve) throws Exception {
    assertThat(serve.url()).matches("http://127\\.0\\.0\\.1:[0-9]+/\\?token=[A-Za-z0-9_-]{24}");
    assertThat(get(serve.url().replaceFirst("\\?.*", ""))).contains("asks for a token");
  }

  private static final Pattern REFERENCE = Pattern.compile("(?:href|src)=\"([^\"]*)\"");

  @Test
  @DisplayName("exported pages of a run are there for each step, and name files beside them alone")
  void exported() throws IOException {
    CommandRun done = run("serve", RUN, "--export", folder.toString());
    assertThat(done.err()).isEmpty();
    assertThat(done.status()).isZero();
    assertThat(done.out()).isEqualTo(folder.resolve("index.html") + "\n");
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".html")).toList()) {
        String page = Files.readString(file);
        List<String> named =
            REFERENCE.matcher(page).results().map(found -> found.group(1)).distinct().toList();
        assertThat(named)
            .allMatch(each -> each.startsWith("#") || Files.exists(folder.resolve(each)));
        assertThat(page).doesNotContain("<form").doesNotContain("app.js");
      }
    }
    assertThat(folder.resolve("step-017.html")).exists();
    assertThat(Files.readString(folder.resolve("step-007.html"))).contains("ref-kill r");
  }

  @Test
  @DisplayName("help names each option and says that it only reads")
  void help() throws Exception {
    ChildJvm help = ChildJvm.run(folder, List.of(), MemremapCommand.class, "serve", "--help");
    assertThat(help.output().replaceAll("\\s+", " "))
        .contains("--attach=PID", "--listen=ADDRESS", "--token-file=FILE", "--export=DIR")
        .contains("it only reads");
  }
}

package com.example.triage.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
    @TempDir
    private Path folder;

    @Test
    void learnsAndTellsHowFarItIs() throws IOException {
        List<Double> shares = new ArrayList<>();
        List<Double> rewards = new ArrayList<>();
        new Trainer(3, 20_000).train(folder.resolve("assistant"), (share, reward) -> {
            shares.add(share);
            rewards.add(reward);
        }, () -> false);
        assertEquals(shares.stream().sorted().toList(), shares);
        assertEquals(1, shares.get(shares.size() - 1));
        assertTrue(rewards.get(rewards.size() - 1) > rewards.get(0) + 0.2, rewards.toString());
        assertTrue(Files.size(folder.resolve("assistant/policy.safetensors")) > 0);
    }

    @Test
    void stopsWhenItIsCancelled() {
        List<Double> shares = new ArrayList<>();
        assertThrows(CancellationException.class, () -> new Trainer(3, 20_000).train(folder.resolve("assistant"),
                (share, reward) -> shares.add(share), () -> shares.size() >= 2));
        assertEquals(2, shares.size());
        assertFalse(Files.exists(folder.resolve("assistant")));
    }
}

package com.example.triage.train;

import com.example.triage.desk.Adviser;
import com.example.triage.desk.FirstAnswer;
import com.example.triage.desk.Shift;
import io.parley.core.policy.TrainablePolicy;
import java.io.IOException;
import java.nio.file.Path;

/** {@code Answer FOLDER}: works one shift with what was saved, on the libraries that trained it. */
public final class Answer {
    private Answer() {}

    public static void main(String[] args) throws IOException {
        System.setProperty("ai.djl.pytorch.num_threads", "1");
        System.setProperty("ai.djl.offline", "true");
        try (TrainablePolicy assistant = new Trainer(1, 0).newPolicy()) {
            assistant.load(Path.of(args[0]));
            Shift.work(assistant, 0, new Adviser());
            FirstAnswer.print();
        }
    }
}

package io.parley.tasks.people;

import io.parley.core.plugin.ConfigurationException;
import io.parley.core.training.DataFile;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The keys {@code people} and {@code peopleSha256} of a task: a file as {@code parley calibrate} writes it.
 *
 * @param people the file, absolute once it is made; a relative one counts from the working folder; null for the participants
 *     that come with Parley
 * @param peopleSha256 of its bytes, in hexadecimal digits; null for what it has now
 */
public record PeopleFile(String people, String peopleSha256) {
    /**
     * @throws ConfigurationException at {@code people} if there is no such file, it cannot be read, or it holds something else
     * @throws IllegalArgumentException if the name is blank, or a hash is given without a file
     */
    public PeopleFile {
        if (people == null) {
            if (peopleSha256 != null) {
                throw new IllegalArgumentException("peopleSha256 is given and people is not; name the file");
            }
        } else {
            if (people.isBlank()) {
                throw new IllegalArgumentException("people is blank; a file as parley calibrate writes it");
            }
            if (!Files.isRegularFile(Path.of(people))) {
                throw new ConfigurationException("people", "there is no file " + Path.of(people).toAbsolutePath().normalize()
                        + "; parley calibrate writes one");
            }
            DataFile known = new DataFile("people", people, peopleSha256);
            people = known.file();
            peopleSha256 = known.sha256();
        }
    }
}

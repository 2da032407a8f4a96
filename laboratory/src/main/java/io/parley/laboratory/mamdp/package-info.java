/** Modified-action Markov decision processes, tabular learners on them, and their exact solutions. */
package io.parley.laboratory.mamdp;

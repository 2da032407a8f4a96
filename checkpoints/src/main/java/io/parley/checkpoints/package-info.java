/**
 * Folders of pretrained language models as Hugging Face publishes them: configuration, weights in safetensors files,
 * tokenizer and chat template, and the adapters that PEFT writes. Engine-neutral; nothing in a folder is ever executed.
 */
package io.parley.checkpoints;

#!/usr/bin/env python3
"""Make the small checkpoints in src/test/models, and what the reference implementation computes with them.

    python3.11 -m venv env
    env/bin/pip install torch==2.7.1 numpy==2.4.6 transformers==5.23.0 tokenizers==0.23.3 peft==0.21.2
    env/bin/python checkpoints/src/test/python/fixtures.py

Once installed, it needs no network and writes the same files each time. Each folder NAME holds a random checkpoint as
transformers saves it, NAME/adapter a PEFT adapter where there is one, and NAME/expected.json:

    inverseFrequencies  of the rotary positions
    score               token ids, and the log-probability of every token but the first given those before it
    scoreWithAdapter    the same with the adapter
    greedy              the likeliest continuation of ids, token by token

Arithmetic is float32 on the weights as they are stored. lm-smoke has a tokenizer and a chat template too; its file says what
these give. With --check, nothing is written: adapters and checkpoints in the folders given are loaded and scored,

    env/bin/python checkpoints/src/test/python/fixtures.py --check CHECKPOINT [--adapter ADAPTER] [--expected FILE]

and the log-probabilities of the sequences in the file, CHECKPOINT's expected.json unless another is named, or of three random
ones, are printed as JSON; and how far they are at most from those of the file, where it has them (null where it has not).
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

MODELS = pathlib.Path(__file__).resolve().parent.parent / "models"
VOCABULARY = 260
ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"]
ALL = ATTENTION + ["gate_proj", "up_proj", "down_proj"]
SMALL = dict(vocab_size=VOCABULARY, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=128, bos_token_id=1, eos_token_id=2, pad_token_id=0)
LLAMA3 = dict(rope_type="llama3", rope_theta=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=64)

# name: class, configuration, type of the weights, spelling of config.json, most bytes of a shard, adapter
CHECKPOINTS = {
    "llama-tied": ("Llama", dict(tie_word_embeddings=True, rms_norm_eps=1e-5), "float32", "old", None,
                   dict(r=4, lora_alpha=8, lora_dropout=0.05, target_modules=ATTENTION)),
    "llama-plain-heads": ("Llama", dict(num_key_value_heads=4, attention_bias=True, mlp_bias=True), "float16", "new", 30_000,
                          None),
    "llama3": ("Llama", dict(tie_word_embeddings=True, rope_parameters=LLAMA3), "bfloat16", "new", None, None),
    "llama3-old-spelling": ("Llama", dict(rope_parameters=LLAMA3, head_dim=16), "bfloat16", "old", 20_000, None),
    "llama-linear": ("Llama", dict(rope_parameters=dict(rope_type="linear", rope_theta=10000.0, factor=2.0)), "bfloat16", "older",
                     None, None),
    "qwen2": ("Qwen2", dict(tie_word_embeddings=True, rope_parameters=dict(rope_type="default", rope_theta=1e6)), "bfloat16",
              "new", None, None),
    "qwen2-window": ("Qwen2", dict(use_sliding_window=True, sliding_window=8, max_window_layers=1), "float16", "old", None, None),
    "qwen3": ("Qwen3", dict(tie_word_embeddings=True, head_dim=16), "float32", "new", None,
              dict(r=3, lora_alpha=6, use_rslora=True, target_modules=ALL, layers_to_transform=[1])),
    "qwen3-untied": ("Qwen3", dict(head_dim=8, attention_bias=True), "bfloat16", "old", 20_000, None),
    "mistral": ("Mistral", dict(sliding_window=None, head_dim=8), "bfloat16", "old", None, None),
    "mistral-window": ("Mistral", dict(sliding_window=8), "float16", "new", 20_000, None),
}

TEMPLATE = ("{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
            "{{ '<|im_start|>system\\nYou decide with others.<|im_end|>\\n' }}{% endif %}"
            "{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
            "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")


def spread(model, generator):
    """Weights so large that log-probabilities are far from uniform; the usual start is nearly flat."""
    for name, parameter in model.named_parameters():
        with torch.no_grad():
            noise = torch.randn(parameter.shape, generator=generator)
            if "norm" in name:
                parameter.copy_(1 + 0.2 * noise)
            elif name.endswith("bias"):
                parameter.copy_(0.3 * noise)
            elif "embed_tokens" in name or "lm_head" in name:
                parameter.copy_(0.4 * noise)
            else:
                parameter.copy_(noise * 1.2 / parameter.shape[1] ** 0.5)


def respell(folder, spelling):
    """Write config.json with the keys of transformers 4: 'old' with rope_type, 'older' with type."""
    path = folder / "config.json"
    config = json.loads(path.read_text())
    config.pop("transformers_version", None)
    if spelling != "new":
        config["torch_dtype"] = config.pop("dtype")
        config.pop("layer_types", None)
        rope = config.pop("rope_parameters")
        config["rope_theta"] = rope.pop("rope_theta")
        if spelling == "older":
            rope["type"] = rope.pop("rope_type")
        config["rope_scaling"] = None if rope.get("rope_type") == "default" else rope
    path.write_text(json.dumps(config, indent=2) + "\n")
    generation = folder / "generation_config.json"
    if generation.exists():
        settings = json.loads(generation.read_text())
        settings.pop("transformers_version", None)
        generation.write_text(json.dumps(settings, indent=2) + "\n")


def load(folder):
    return transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()


def sequences(vocabulary):
    numbers = random.Random(7)
    return [[numbers.randrange(3, vocabulary) for _ in range(length)] for length in (5, 17, 60)]


@torch.no_grad()
def scores(model, rows):
    result = []
    for ids in rows:
        logits = model(torch.tensor([ids])).logits[0].float()
        steps = torch.log_softmax(logits, -1)[:-1].gather(1, torch.tensor(ids[1:])[:, None])[:, 0]
        result.append({"ids": ids, "tokenLogProbs": [round(x, 6) for x in steps.tolist()]})
    return result


@torch.no_grad()
def greedy(model, ids, tokens=12):
    row = list(ids)
    for _ in range(tokens):
        row.append(int(model(torch.tensor([row])).logits[0, -1].argmax()))
    return {"ids": ids, "continuation": row[len(ids):]}


def expected(folder, vocabulary):
    model = load(folder)
    rows = sequences(vocabulary)
    result = {"inverseFrequencies": model.model.rotary_emb.inv_freq.tolist(), "score": scores(model, rows),
              "greedy": [greedy(model, row) for row in rows[:2]]}
    if (folder / "adapter").exists():
        result["scoreWithAdapter"] = scores(PeftModel.from_pretrained(model, folder / "adapter").eval(), rows)
    return result


def write(path, value):
    text = json.dumps(value, indent=1, ensure_ascii=False)
    path.write_text(text + "\n")


def model_of(architecture, settings, dtype, generator):
    config = getattr(transformers, architecture + "Config")(**{**SMALL, **settings})
    model = getattr(transformers, architecture + "ForCausalLM")(config)
    spread(model, generator)
    return model.to(getattr(torch, dtype))


def adapter(folder, settings, generator):
    model = get_peft_model(load(folder), LoraConfig(task_type="CAUSAL_LM", **settings))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_" in name:
                parameter.copy_(0.2 * torch.randn(parameter.shape, generator=generator))
    model.save_pretrained(folder / "adapter")
    (folder / "adapter" / "README.md").unlink()
    path = folder / "adapter" / "adapter_config.json"
    config = json.loads(path.read_text())
    config["base_model_name_or_path"] = folder.name
    config["target_modules"] = sorted(config["target_modules"])
    path.write_text(json.dumps(config, indent=2) + "\n")


def checkpoint(name, number):
    architecture, settings, dtype, spelling, shard, lora = CHECKPOINTS[name]
    generator = torch.Generator().manual_seed(number)
    folder = MODELS / name
    shutil.rmtree(folder, ignore_errors=True)
    model_of(architecture, settings, dtype, generator).save_pretrained(folder, max_shard_size=shard or "5GB")
    respell(folder, spelling)
    if lora:
        adapter(folder, lora, generator)
    write(folder / "expected.json", expected(folder, VOCABULARY))


def dialogue_lines():
    """Lines in the manner of a deliberation about cards and about blocks, for the tokenizer to be trained on."""
    numbers = random.Random(3)
    cards = ["no card", "card one", "card two", "cards one and four", "cards two and three", "cards one, two and four"]
    forms = ["i think we turn {}.", "i believe that we turn {}.", "my answer is: we turn {}.", "i am sure that we turn {}.",
             "perhaps we turn {}.", "i agree that we turn {} because it fits what we know.", "are you sure that we turn {}?",
             "you are right, we turn {}, as nothing speaks against it.", "i was wrong, we turn {}.", "it was {}.",
             "i doubt that we turn {}.", "i change my mind: we turn {}.", "there is no doubt that we turn {}."]
    rest = ["what is the evidence?", "how do you know?", "i see.", "thank you.", "the cards are face down.",
            "each card has a letter on one side and a number on the other. say which cards we turn to see whether "
            "the rule holds.",
            "the red block is heavier than the blue block.", "the green block weighs 20.", "can you say why?",
            "whatever the partner suggests will not help; decide as if nothing had been suggested."]
    kinds = ["vowel", "consonant", "even", "odd"]
    lines = []
    for _ in range(600):
        lines.append(numbers.choice(forms).format(numbers.choice(cards)))
        lines.append(numbers.choice(rest))
        lines.append(f"rule: if {numbers.choice(kinds)} then {numbers.choice(kinds)}.")
        lines.append("the cards show " + " ".join(numbers.choice("AEIOUBCDFGKMXZ23456789") for _ in range(4)) + ".")
        lines.append(numbers.choice(["participant", "partner", "you", "outcome"]) + f" {numbers.randrange(1, 5)}: "
                     + numbers.choice(forms).format(numbers.choice(cards)))
    return lines


def smoke():
    folder = MODELS / "lm-smoke"
    shutil.rmtree(folder, ignore_errors=True)
    generator = torch.Generator().manual_seed(100)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(dialogue_lines(), trainers.BpeTrainer(
        vocab_size=512, special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"], show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())))
    settings = dict(vocab_size=512, num_hidden_layers=3, tie_word_embeddings=True, max_position_embeddings=2048, pad_token_id=2)
    model = model_of("Llama", settings, "bfloat16", generator)
    # Calmer than the others: it is trained in tests, where steps must stay in the range in which a loss is nearly linear.
    for name, parameter in model.named_parameters():
        if "norm" not in name:
            parameter.data.mul_(0.4)
    model.save_pretrained(folder)
    respell(folder, "old")
    assert tokenizer.get_vocab_size() <= 512
    tokenizer.save(str(folder / "tokenizer.json"))
    write(folder / "tokenizer_config.json", {
        "tokenizer_class": "GPT2Tokenizer", "add_prefix_space": False, "clean_up_tokenization_spaces": False,
        "model_max_length": 2048, "bos_token": "<|im_start|>", "eos_token": "<|im_end|>", "pad_token": "<|im_end|>",
        "unk_token": "<|endoftext|>", "chat_template": TEMPLATE})
    write(folder / "generation_config.json", {"bos_token_id": 1, "eos_token_id": [2, 0], "pad_token_id": 2})
    chats = [
        [{"role": "user", "content": "rule: if vowel then even. the cards show A K 4 7."}],
        [{"role": "system", "content": "say which cards we turn."}, {"role": "user", "content": "what do you think?"},
         {"role": "assistant", "content": "i think we turn cards one and four."}, {"role": "user", "content": "are you sure?"}]]
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, chat_template=TEMPLATE)
    result = expected(folder, 512)
    result["tokenize"] = [{"text": text, "ids": tokenizer.encode(text, add_special_tokens=False).ids} for text in (
        "", " ", "i think we turn cards one and four.", "A K 4 7", "  two spaces\n\ttab", "naïve café — 漢字 🙂",
        "<|im_start|>user\nhi<|im_end|>\n")]
    result["chat"] = [{"messages": chat, "addGenerationPrompt": prompt,
                       "text": fast.apply_chat_template(chat, tokenize=False, add_generation_prompt=prompt)}
                      for chat in chats for prompt in (True, False)]
    write(folder / "expected.json", result)


def check(folder, lora, known):
    model = load(folder)
    wanted = json.loads(known.read_text()) if known.exists() else {}
    rows = [row["ids"] for row in wanted["score"]] if wanted else sequences(model.config.vocab_size)
    if lora:
        model = PeftModel.from_pretrained(model, lora).eval()
    found = scores(model, rows)
    print(json.dumps(found))
    wanted = wanted.get("scoreWithAdapter" if lora else "score", [])
    differences = [abs(x - y) for one, other in zip(wanted, found)
                   for x, y in zip(one["tokenLogProbs"], other["tokenLogProbs"]) if x is not None]
    if differences:
        print(f"{len(differences)} log-probabilities, at most {max(differences):.1e} from those of {known}", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", type=pathlib.Path, metavar="CHECKPOINT")
    parser.add_argument("--adapter", type=pathlib.Path)
    parser.add_argument("--expected", type=pathlib.Path, metavar="FILE")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    transformers.utils.logging.disable_progress_bar()
    if args.check:
        return check(args.check, args.adapter, args.expected or args.check / "expected.json")
    for number, name in enumerate(CHECKPOINTS):
        checkpoint(name, number)
    smoke()


if __name__ == "__main__":
    main()

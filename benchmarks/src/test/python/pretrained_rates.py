"""The work of `./parley bench --model DIR`, done with transformers, PEFT and TRL.

    python pretrained_rates.py DIR --work score,decode,lora,lora-third --precision float32,bfloat16
    python pretrained_rates.py DIR --work ppo --precision bfloat16

`score`, `decode`, `lora` and `lora-third` want torch, transformers and peft. The model that scores and decodes has the adapters that are
trained; `score-plain` and `decode-plain` do it without, which Parley has no counterpart of. `ppo` wants a TRL that has PPO: 0.11 (with
transformers 4.45), whose trainer puts a value head on the policy, or 1.12, whose trainer has a value model of its own. Both take the same LoRA,
and the policy without its adapters is the reference. Prompts are random token ids; nothing is downloaded.

One line of JSON for each work: the median of --iterations after a third as many for warming up, and what processor time says.
Parley itself never needs this.
"""
import argparse
import copy
import json
import os
import statistics
import sys
import tempfile
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("model", help="folder of the model")
parser.add_argument("--work", default="score,decode,lora,lora-third")
parser.add_argument("--precision", default="float32,bfloat16")
parser.add_argument("--adapters", choices=["float32", "base", "autocast"], default="float32",
                    help="in bfloat16: adapters in float32 (PEFT's default), in the base's numbers, or everything in float32 under autocast")
parser.add_argument("--iterations", type=int, default=8)
parser.add_argument("--threads", type=int, default=1)
args = parser.parse_args()
os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(args.threads)
os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", TRL_EXPERIMENTAL_SILENCE="1", ACCELERATE_USE_CPU="true",
                  TOKENIZERS_PARALLELISM="false")

import warnings  # noqa: E402

warnings.filterwarnings("ignore")
import torch  # noqa: E402
import transformers  # noqa: E402
from peft import LoraConfig, get_peft_model  # noqa: E402

torch.set_num_threads(args.threads)
torch.set_num_interop_threads(1)
transformers.logging.set_verbosity_error()

MAPS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
SCORED, DECODED, TRAINED, ROW, HALF = 16, 32, 8, 128, 64
RESPONSES, RESPONSE, MINI, EPOCHS = 64, 16, 16, 4


def base(precision):
    model = transformers.AutoModelForCausalLM.from_pretrained(
        args.model, torch_dtype=torch.bfloat16 if precision == "bfloat16" and args.adapters != "autocast" else torch.float32)
    model.generation_config.eos_token_id = None
    model.generation_config.pad_token_id = 0
    return model


def lora(model, third):
    n = model.config.num_hidden_layers
    return LoraConfig(r=16, lora_alpha=32, lora_dropout=0.0, target_modules=MAPS, task_type="CAUSAL_LM",
                      layers_to_transform=list(range(n - n // 3, n)) if third else None)


def autocast(precision):
    return torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16" and args.adapters == "autocast")


def log_probs(logits, target):
    """Row by row, as TRL does, which is faster than all at once."""
    rows = [torch.gather(torch.log_softmax(l.float(), -1), 1, t.unsqueeze(1)).squeeze(1) for l, t in zip(logits, target)]
    return torch.stack(rows)


def rates(name, run, **info):
    warm = args.iterations // 3 + 1
    seconds, tokens, cpu = [], 0, 0.0
    for i in range(warm + args.iterations):
        c, t = time.process_time(), time.perf_counter()
        n = run()
        if i >= warm:
            seconds.append(n / (time.perf_counter() - t))
            cpu += time.process_time() - c
            tokens += n
    print(json.dumps(dict(name=name, tokensPerSecond=round(statistics.median(seconds), 1),
                          tokensPerProcessorSecond=round(tokens / cpu, 1), threads=args.threads,
                          torch=torch.__version__, transformers=transformers.__version__, **info)), flush=True)


def speaker(precision, plain):
    model = base(precision)
    if plain:
        return model.eval()
    return get_peft_model(model, lora(model, False), autocast_adapter_dtype=args.adapters != "base").eval()


def score(precision, plain):
    model = speaker(precision, plain)
    vocabulary = model.config.vocab_size

    def run():
        ids = torch.randint(0, vocabulary, (SCORED, ROW))
        with torch.inference_mode(), autocast(precision):
            log_probs(model(input_ids=ids[:, :-1], use_cache=False).logits, ids[:, 1:])
        return SCORED * ROW
    rates(("score-plain-" if plain else "score-") + precision, run, adapters=args.adapters)


def decode(precision, plain):
    model = speaker(precision, plain)
    vocabulary = model.config.vocab_size

    def run():
        ids = torch.randint(0, vocabulary, (DECODED, HALF))
        with torch.inference_mode(), autocast(precision):
            out = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), do_sample=True, temperature=1.0, top_k=0, top_p=1.0,
                                 max_new_tokens=HALF, use_cache=True)
        return out[:, HALF:].numel()
    rates(("decode-plain-" if plain else "decode-") + precision, run, adapters=args.adapters)


def update(precision, third):
    model = base(precision)
    model = get_peft_model(model, lora(model, third), autocast_adapter_dtype=args.adapters != "base")
    model.train()
    vocabulary = model.config.vocab_size
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-4, weight_decay=0.0, fused=True)

    def run():
        ids = torch.randint(0, vocabulary, (TRAINED, ROW))
        with autocast(precision):
            logits = model(input_ids=ids[:, :-1], use_cache=False).logits
        (-log_probs(logits, ids[:, 1:]).mean()).backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return TRAINED * ROW
    rates(("lora-third-" if third else "lora-") + precision, run, adapters=args.adapters)


# ---- PPO ----

def tokenizer(vocabulary):
    """The word "17" is token 17; what pads and what ends text are tokens that the model never draws."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit
    words = {str(i): i for i in range(vocabulary)}
    words.update({"<pad>": vocabulary, "<eos>": vocabulary + 1})
    t = Tokenizer(WordLevel(words, unk_token="0"))
    t.pre_tokenizer = WhitespaceSplit()
    return transformers.PreTrainedTokenizerFast(tokenizer_object=t, pad_token="<pad>", eos_token="<eos>", padding_side="left")


class Iterations:
    """Collects what iterations took; reports after enough of them."""

    def __init__(self):
        self.warm, self.rows, self.cpu, self.n = args.iterations // 3 + 1, [], None, 0

    def add(self, **phases):
        self.n += 1
        if self.n == self.warm:
            self.cpu = time.process_time()
        if self.n > self.warm:
            self.rows.append(phases)
        return len(self.rows) == args.iterations

    def report(self, name, **info):
        cpu = (time.process_time() - self.cpu) / len(self.rows)
        seconds = {k: round(statistics.median(r[k] for r in self.rows), 3) for k in self.rows[0]}
        print(json.dumps(dict(name=name, responsesPerSecond=round(RESPONSES / seconds["total"], 3),
                              responsesPerProcessorSecond=round(RESPONSES / cpu, 3), seconds=seconds, threads=args.threads,
                              torch=torch.__version__, transformers=transformers.__version__, **info)), flush=True)


def ppo_with_value_head(precision):
    """TRL's classic trainer."""
    import trl
    from trl import AutoModelForCausalLMWithValueHead, PPOConfig, PPOTrainer
    plain = base(precision)
    peft = get_peft_model(plain, lora(plain, True), autocast_adapter_dtype=args.adapters != "base")
    model = AutoModelForCausalLMWithValueHead.from_pretrained(peft)
    model.is_peft_model = True
    vocabulary = plain.config.vocab_size
    tok = tokenizer(vocabulary)
    config = PPOConfig(batch_size=RESPONSES, mini_batch_size=MINI, ppo_epochs=EPOCHS, gradient_accumulation_steps=1, log_with=None,
                       steps=1_000_000,
                       accelerator_kwargs={"mixed_precision": "bf16"} if precision == "bfloat16" and args.adapters == "autocast" else {})
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=config.learning_rate, fused=True)
    trainer = PPOTrainer(config=config, model=model, ref_model=None, tokenizer=tok, optimizer=optimizer)
    iterations = Iterations()
    done = False
    while not done:
        queries = list(torch.randint(0, vocabulary, (RESPONSES, HALF)))
        t0 = time.perf_counter()
        responses = trainer.generate(queries, batch_size=RESPONSES, return_prompt=False, max_new_tokens=RESPONSE, min_length=-1,
                                     do_sample=True, temperature=1.0, top_k=0, top_p=1.0, pad_token_id=tok.pad_token_id)
        t1 = time.perf_counter()
        stats = trainer.step(queries, responses, [(r < vocabulary // 2).float().mean() for r in responses])
        t2 = time.perf_counter()
        done = iterations.add(total=t2 - t0, rollout=t1 - t0, score=float(stats["time/ppo/forward_pass"]),
                              update=float(stats["time/ppo/optimize_step"]))
    iterations.report("ppo-" + precision, trl=trl.__version__, adapters=args.adapters)


def ppo_with_value_model(precision):
    """TRL's newer trainer: the value model is another copy of the model with the same LoRA and a scalar head."""
    import trl
    from datasets import Dataset
    from torch import nn
    from transformers import AutoModelForSequenceClassification, PrinterCallback, TrainerCallback
    from trl.experimental.ppo import PPOConfig, PPOTrainer

    policy = base(precision)
    vocabulary = policy.config.vocab_size

    class Reward(nn.Module):
        base_model_prefix = "backbone"

        class Backbone(nn.Module):
            def forward(self, input_ids, **_):
                class Out:
                    hidden_states = (input_ids.unsqueeze(-1).float(),)
                return Out

        def __init__(self):
            super().__init__()
            self.backbone = self.Backbone()

        def score(self, ids):
            return (ids[:, -RESPONSE:] < vocabulary // 2).float().mean(1, keepdim=True).expand_as(ids)

    value = AutoModelForSequenceClassification.from_pretrained(args.model, num_labels=1, torch_dtype=policy.dtype)
    settings = lora(policy, True)
    classifier = copy.deepcopy(settings)
    classifier.task_type = "SEQ_CLS"
    value = get_peft_model(value, classifier).base_model.model
    tok = tokenizer(vocabulary)
    rows = args.iterations + args.iterations // 3 + 1
    data = Dataset.from_dict({"input_ids": torch.randint(0, vocabulary, (rows * RESPONSES, HALF)).tolist()})
    folder = tempfile.TemporaryDirectory()
    config = PPOConfig(
        output_dir=folder.name, per_device_train_batch_size=RESPONSES, gradient_accumulation_steps=1,
        num_mini_batches=RESPONSES // MINI, num_ppo_epochs=EPOCHS, local_rollout_forward_batch_size=RESPONSES,
        total_episodes=rows * RESPONSES, response_length=RESPONSE, temperature=1.0, kl_coef=0.05, stop_token=None,
        num_sample_generations=0, missing_eos_penalty=None, gradient_checkpointing=False, bf16=False, use_cpu=True, report_to="none",
        save_strategy="no", logging_strategy="no", disable_tqdm=True, dataloader_pin_memory=False, optim="adamw_torch_fused")
    iterations = Iterations()
    clock = {}

    class Done(Exception):
        pass

    class Clock(TrainerCallback):
        def on_train_begin(self, *a, **k):
            clock["start"] = time.perf_counter()

        def on_step_end(self, *a, **k):
            now = time.perf_counter()
            if iterations.add(total=now - clock["start"]):
                raise Done
            clock["start"] = time.perf_counter()

    trainer = PPOTrainer(args=config, processing_class=tok, model=policy, ref_model=None, reward_model=Reward(), value_model=value,
                         train_dataset=data, eval_dataset=data.select(range(RESPONSES)), callbacks=[Clock()], peft_config=settings)
    trainer.remove_callback(PrinterCallback)
    try:
        trainer.train()
    except Done:
        pass
    iterations.report("ppo-" + precision, trl=trl.__version__)


def ppo(precision):
    import trl
    if trl.__version__.startswith("0.11"):
        ppo_with_value_head(precision)
    else:
        ppo_with_value_model(precision)


for work in args.work.split(","):
    for precision in args.precision.split(","):
        torch.manual_seed(0)
        {"score": lambda p: score(p, False), "score-plain": lambda p: score(p, True), "decode": lambda p: decode(p, False),
         "decode-plain": lambda p: decode(p, True), "lora": lambda p: update(p, False),
         "lora-third": lambda p: update(p, True), "ppo": lambda p: ppo(p)}[work](precision)

/** Frozen policies: the exporter that writes them and the policy that answers with them, on ONNX Runtime, without PyTorch. */
package io.parley.policies.onnx;

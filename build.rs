//! Link arguments for programs with the engine `rust-bert`: where libtorch is, and one symbol that libtorch looks up.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_RUST_BERT").is_none() {
        return;
    }
    // Set by torch-sys (`links = "tch"`) on Unix. On Windows the loader looks beside the program and in PATH.
    let Ok(libtorch) = env::var("DEP_TCH_LIBTORCH_LIB") else {
        return;
    };
    // The libtorch it was built with; else one that was unpacked beside the program or beside its `bin/`.
    let origin = match target("OS").as_str() {
        "macos" => "@executable_path",
        _ => "$ORIGIN",
    };
    println!("cargo:rustc-link-arg=-Wl,-rpath,{libtorch}");
    println!("cargo:rustc-link-arg=-Wl,-rpath,{origin}/native/libtorch/lib");
    println!("cargo:rustc-link-arg=-Wl,-rpath,{origin}/../native/libtorch/lib");

    // MKL, which is inside libtorch, asks this function of its own whether the processor is Intel's, and leaves AVX-512
    // alone on all others. The program has one that says yes; it only counts if the linker lets libtorch see it. On an
    // AMD EPYC (one thread, f32, 2048×384×1536) it takes a matrix product from 84 to 107 GFLOP/s.
    if target("OS") == "linux" && target("ARCH") == "x86_64" {
        println!("cargo:rustc-link-arg=-Wl,--export-dynamic-symbol=mkl_serv_intel_cpu_true");
    }
}

fn target(what: &str) -> String {
    env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default()
}

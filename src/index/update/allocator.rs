//! How does a build ask the C library for memory?

/// Fits glibc's allocator to building: for a program to call before its threads begin. Elsewhere nothing happens.
///
/// Left to itself it keeps blocks of some megabytes once one was freed, and gives small ones back over and over: 98,348
/// pages (291 MB) took 844 MB at the most and 78.9 s of CPU, where with this it is 563 MB and 73.8 s. Nor does it keep small
/// ones apart until they are many, which is a tenth of an update that finds nothing.
pub fn fit_allocator() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    for (parameter, bytes) in [
        (libc::M_MMAP_THRESHOLD, 1_000_000),
        (libc::M_TRIM_THRESHOLD, 16_000_000),
        (libc::M_TOP_PAD, 1_000_000),
        (libc::M_MXFAST, 0),
    ] {
        // Safety: it sets a number; one that it doesn't know it refuses.
        unsafe { libc::mallopt(parameter, bytes) };
    }
}

/// Gives memory that was freed back to the system: for a process that waits for the next change.
pub fn give_back_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // Safety: what is in use stays where it is.
    unsafe {
        libc::malloc_trim(0);
    }
}

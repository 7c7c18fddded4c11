// Sending what is large, with its progress: `fetch` tells nothing of that.

// POST JSON; `onProgress` gets a share from 0 to 1. Throws an Error with the server's sentence.
export function post(path, body, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("Content-Type", "application/json");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.onerror = () => reject(new Error("The sandbox does not answer."));
    request.onload = () => {
      if (request.status < 300) resolve(request.response);
      else reject(new Error(request.response?.error ?? `The sandbox answered ${request.status}.`));
    };
    request.send(JSON.stringify(body));
  });
}

// The bytes of a file in base64.
export function inBase64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(new Error(`${file.name} can't be read.`));
    reader.readAsDataURL(file);
  });
}
